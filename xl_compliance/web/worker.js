// Python's side of the page. Before this stand Pyodide's loader and its module as a script.
"use strict";
const BASE = "mem://app/"; // never a network's scheme
const FOLDER = "/workbooks";
const LIBRARIES = "/lib/libraries.zip";
const TYPES = { wasm: "application/wasm" };
let assets = {};
let python, inside, settled;

const tell = (type, fields = {}, transferred = []) => self.postMessage({ type, ...fields }, transferred);

function embedded(name) {
  const packed = assets[name];
  if (!packed) throw new TypeError("not in this page: " + name);
  const body = packed.stream().pipeThrough(new DecompressionStream("gzip"));
  const type = TYPES[name.split(".").pop()] || "application/octet-stream";
  return new Response(body, { headers: { "Content-Type": type } });
}

// Whatever Pyodide asks for is in this page, or is not to be had.
self.fetch = async (asked) => {
  const address = String(asked && asked.url ? asked.url : asked);
  if (!address.startsWith(BASE)) throw new TypeError("this page fetches nothing: " + address);
  return embedded(address.slice(BASE.length));
};

async function start({ assets: given, lock }) {
  assets = given;
  tell("loading", { step: 1, what: "Starting Python" });
  const libraries = embedded("libraries.zip").arrayBuffer();
  python = await self.loadPyodide({
    indexURL: BASE,
    createPyodideModule: _createPyodideModule,
    stdLibURL: BASE + "python_stdlib.zip",
    lockFileContents: { info: lock, packages: {} },
    packageBaseUrl: BASE,
    stdin: () => null,
    stdout: () => {},
    stderr: () => {},
  });
  tell("loading", { step: 2, what: "Loading the libraries" });
  // Python imports from the archive as it is; only what is machine code must lie in a folder.
  python.FS.writeFile(LIBRARIES, new Uint8Array(await libraries));
  python.runPython(`import sys; sys.path.insert(0, "${LIBRARIES}")`);
  tell("loading", { step: 3, what: "Loading the rules" });
  inside = python.pyimport("xl_compliance.web.inside");
  tell("ready", { start: inside.start(FOLDER), memory: memory() });
  settled = settle();
  await settled;
}

// What the first task will want, while people look for their files.
async function settle() {
  const site = python.runPython("import site; site.getsitepackages()[0]");
  python.unpackArchive(await embedded("machine.zip").arrayBuffer(), "zip", { extractDir: site });
  inside.warm_up();
}

const memory = () => python._module.HEAP8.length;

const bytesOf = (made) => {
  const buffer = made.getBuffer();
  const bytes = buffer.data.slice();
  buffer.release();
  made.destroy();
  return bytes;
};

const tasks = {
  check({ name, bytes }) {
    python.FS.writeFile(FOLDER + "/" + name, new Uint8Array(bytes));
    return { found: inside.check(name), memory: memory() };
  },
  refuse: ({ name, size }) => ({ found: inside.refuse(name, size) }),
  giveUp: ({ name, why }) => ({ found: inside.give_up(name, why) }),
  forget: ({ name }) => { inside.forget(name); return {}; },
  page: () => ({ page: inside.page(), said: inside.said() }),
  download: ({ style }) => ({ bytes: bytesOf(inside.download(style)) }),
  annotated({ name }) {
    const made = inside.annotated(name);
    const [content, said] = [made.get(0), made.get(1)];
    made.destroy();
    return { bytes: bytesOf(content), said };
  },
  answer: ({ name, fields, spelling }) => ({ answer: inside.answer(name, fields, spelling) }),
};

self.onmessage = async ({ data }) => {
  if (data.task === "start") {
    try {
      await start(data);
    } catch (problem) {
      tell("stopped", { why: lastLine(problem) });
    }
    return;
  }
  try {
    await settled;
    const done = tasks[data.task](data);
    tell("done", { id: data.id, ...done }, done.bytes ? [done.bytes.buffer] : []);
  } catch (problem) {
    tell("failed", { id: data.id, why: lastLine(problem) });
  }
};

const lastLine = (problem) => String((problem && problem.message) || problem).trim().split("\n").pop();
tell("here");
