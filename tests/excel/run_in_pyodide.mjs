// Runs the code of a Lite workbook in Pyodide, and calls its functions.
//
// usage: node run_in_pyodide.mjs PYODIDE_FOLDER XLWINGS_WHEEL QUESTIONS.json ANSWERS.json
//
// QUESTIONS.json holds the text of main.py and the calls. What is real here: main.py as the
// workbook carries it, Pyodide, and xlwings' own wheel, whose decorators do nothing without its
// server part (which needs a licence, and is not imported). What is stood in for is the few lines
// by which the add-in hands over arguments: each in rows, blank cells as None, by position.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, wheel, questions, answers] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const asked = JSON.parse(fs.readFileSync(questions, "utf8"));

const start = performance.now();
const python = await loadPyodide();
const loaded = performance.now();
python.unpackArchive(new Uint8Array(fs.readFileSync(wheel)), "wheel");
python.globals.set("MAIN", asked.main);
python.globals.set("CALLS", JSON.stringify(asked.calls));
python.runPython(`
import sys, types
main = types.ModuleType("main")
sys.modules["main"] = main
exec(compile(MAIN, "main.py", "exec"), vars(main))
`);
const ready = performance.now();
const got = python.runPython(`
import inspect, json, time
from datetime import date

def as_text(value):
    if isinstance(value, list):
        return [[as_text(cell) for cell in row] for row in value]
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"float": value.hex()} if isinstance(value, float) else value

calls = [(getattr(main, name), arguments) for name, arguments in json.loads(CALLS)]
started = time.perf_counter()
results = [function(*arguments) for function, arguments in calls]
took = time.perf_counter() - started
json.dumps({
    "results": [as_text(result) for result in results],
    "ms_a_call": 1000 * took / len(calls),
    "python": sys.version.split()[0],
    "licensed": main.xw.__pro__ or "xlwings.server" in sys.modules,
    "signatures": {
        name: [inspect.getdoc(each), str(inspect.signature(each))]
        for name, each in vars(main).items()
        if inspect.isfunction(each) and each.__module__ == "main"
    },
})
`);
const found = JSON.parse(got);
found.load_ms = loaded - start;
found.start_ms = ready - loaded;
fs.writeFileSync(answers, JSON.stringify(found));
