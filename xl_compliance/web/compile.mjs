// Turns the Python files of a zip into bytecode, in the very Pyodide that will run it.
//
// usage: node compile.mjs PYODIDE_FOLDER IN.zip OUT.zip [IN.zip OUT.zip ...]
//
// Bytecode that is never checked against its source: the page has no source beside it.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const python = await loadPyodide({ stdout: () => {}, stderr: (line) => console.error(line) });
python.runPython(`
import _imp, io, zipfile
from importlib import _bootstrap_external as imports

def compiled(data):
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as source, zipfile.ZipFile(result, "w") as target:
        for info in sorted(source.infolist(), key=lambda info: info.filename):
            if info.is_dir():
                continue
            name, content = info.filename, source.read(info)
            if name.endswith(".py"):
                code = compile(content, name, "exec", dont_inherit=True, optimize=0)
                digest = _imp.source_hash(_imp.pyc_magic_number_token, content)
                name, content = name + "c", imports._code_to_hash_pyc(code, digest, False)
            target.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), bytes(content))
    return result.getvalue()
`);
const compiled = python.globals.get("compiled");
for (let at = 0; at < files.length; at += 2) {
  const made = compiled(new Uint8Array(fs.readFileSync(files[at])));
  fs.writeFileSync(files[at + 1], made.toJs());
  made.destroy();
}
