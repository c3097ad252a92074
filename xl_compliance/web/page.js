(function () {
  const $ = (id) => document.getElementById(id);
  const meta = JSON.parse($("meta").textContent);
  const STALLED = 90_000; // a browser that refuses WebAssembly says nothing at all
  const waiting = new Map();
  const checked = new Map(); // by name: the file, what became of it, whether it was given up
  const queue = [];
  let assets, workerText, worker, ready, turn = 0, asked = 0, current = null, largest = 0, stalled;

  // ------------------------------------------------------------ small things

  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const say = (text, failed) => {
    $("status").textContent = text;
    $("status").classList.toggle("is-failure", Boolean(failed));
  };
  // A name with underscores may go on in the next line behind one of them.
  const breakable = (text) => text.split(/(?<=_)/).flatMap((part, place) => place ? [make("wbr"), part] : [part]);
  const progress = (value, most) => {
    $("progress").hidden = value === undefined;
    if (value === undefined) return;
    $("progress").max = most;
    $("progress").value = value;
  };
  const table = (rows) => {
    const made = make("table"), head = made.createTHead().insertRow(), body = made.createTBody();
    for (const text of rows[0]) head.append(make("th", text, { scope: "col" }));
    for (const row of rows.slice(1)) {
      const line = body.insertRow();
      for (const text of row) line.insertCell().textContent = text;
    }
    return made;
  };

  // ------------------------------------------------------------ what the page holds

  const bytesOf = (text) => {
    if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  };
  const taken = (id) => {
    const element = $(id), bytes = new Blob([bytesOf(element.textContent)]);
    element.remove();
    return bytes;
  };
  const address = { expected: "" };
  const policy = self.trustedTypes
    ? trustedTypes.createPolicy("xl-compliance", {
      createScriptURL(url) {
        if (url !== address.expected) throw new TypeError("there is one worker only");
        return url;
      },
      // Parsed without running, then copied element by element from a list of harmless ones.
      createHTML: (text) => text,
    })
    : { createScriptURL: (url) => url, createHTML: (text) => text };

  async function unpack() {
    const packed = taken("worker").stream().pipeThrough(new DecompressionStream("gzip"));
    workerText = await new Response(packed).text();
    assets = {};
    for (const [name, id] of Object.entries(meta.assets)) assets[name] = taken(id);
  }

  function startWorker() {
    address.expected = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
    worker = new Worker(policy.createScriptURL(address.expected), { name: "Python" });
    worker.addEventListener("message", ({ data }) => heard(data));
    worker.addEventListener("error", (event) => gone(event.message || "the browser refused it"));
    clearTimeout(stalled);
    stalled = setTimeout(() => gone("it did not start"), STALLED);
    return new Promise((resolve) => { ready = resolve; });
  }

  function gone(why) {
    clearTimeout(stalled);
    progress();
    say("Python cannot run in this browser: " + why + ". A current Edge or Chrome can.", true);
    performance.mark("gone");
  }

  function heard(message) {
    if (message.type === "here") {
      URL.revokeObjectURL(address.expected);
      worker.postMessage({ task: "start", assets, lock: meta.lock });
    } else if (message.type === "loading") {
      say(message.what);
      progress(message.step, 4);
    } else if (message.type === "stopped") {
      gone(message.why);
    } else if (message.type === "ready") {
      clearTimeout(stalled);
      const start = JSON.parse(message.start);
      largest = start.largest;
      for (const id of ["pick", "example"]) $(id).disabled = false;
      $("arguments").querySelector('[type="submit"]').disabled = false;
      progress();
      say("Ready");
      performance.mark("ready");
      document.body.dataset.ready = "yes";
      ready();
    } else {
      const done = waiting.get(message.id);
      waiting.delete(message.id);
      if (!done) return;
      if (message.type === "done") done.resolve(message);
      else done.reject(new Error(message.why));
    }
  }

  const ask = (task, fields = {}, transferred = []) => new Promise((resolve, reject) => {
    const id = ++asked;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ task, id, ...fields }, transferred);
  });

  // What a button starts is told of where it comes to nothing.
  const safely = (act) => async (...given) => {
    try {
      return await act(...given);
    } catch (problem) {
      say("That did not work: " + problem.message, true);
      return undefined;
    }
  };

  // ------------------------------------------------------------ tabs

  const tabs = Array.from(document.querySelectorAll('[role="tab"]'));
  const choose = (chosen) => {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      $(tab.getAttribute("aria-controls")).hidden = !on;
    }
  };
  for (const tab of tabs) tab.addEventListener("click", () => choose(tab));
  document.querySelector('[role="tablist"]').addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const places = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    if (!(event.key in places)) return;
    event.preventDefault();
    const tab = tabs[(places[event.key] + tabs.length) % tabs.length];
    choose(tab);
    tab.focus();
  });

  // ------------------------------------------------------------ checking

  const take = safely(async (files) => {
    choose(tabs[0]);
    const inThisDrop = new Set();
    for (const file of files) {
      const dot = file.name.includes(".") ? file.name.lastIndexOf(".") : file.name.length;
      let name = file.name, number = 1;
      while (inThisDrop.has(name)) {
        number += 1;
        name = file.name.slice(0, dot) + " (" + number + ")" + file.name.slice(dot);
      }
      inThisDrop.add(name);
      if (checked.has(name)) await drop(name);
      checked.set(name, { file, state: "waiting" });
      queue.push(name);
    }
    list();
    if (!turn) await work();
  });

  async function drop(name) {
    checked.delete(name);
    const at = queue.indexOf(name);
    if (at >= 0) queue.splice(at, 1);
    else if (name !== current) await ask("forget", { name });
  }

  async function work() {
    turn = 1;
    $("stop").hidden = false;
    let done = 0;
    while (queue.length) {
      const name = queue.shift(), entry = checked.get(name);
      say("Checking " + name + " (" + (done + 1) + " of " + (done + 1 + queue.length) + ")");
      progress(done, done + 1 + queue.length);
      entry.state = "checking";
      list();
      current = name;
      await checkOne(name, entry);
      current = null;
      done += 1;
      list();
    }
    $("stop").hidden = true;
    progress();
    try {
      const said = await show();
      say(said ? "Checked. " + said : "Ready");
    } catch (problem) {
      say("The report could not be made: " + problem.message, true);
    }
    turn = 0;
    performance.mark("checked");
    document.body.dataset.checked = String(Number(document.body.dataset.checked || 0) + 1);
  }

  async function checkOne(name, entry) {
    try {
      const { found } = await answerOn(name, entry);
      if (checked.get(name) === entry) Object.assign(entry, { state: "done" }, JSON.parse(found));
      else if (!checked.has(name)) await ask("forget", { name });
    } catch (problem) {
      await restart(name, entry, problem.stop
        ? "its check was stopped"
        : "its check ended early (" + problem.message + ")");
    }
  }

  async function answerOn(name, entry) {
    if (entry.why) return ask("giveUp", { name, why: entry.why });
    if (entry.file.size > largest) return ask("refuse", { name, size: entry.file.size });
    let bytes;
    try {
      bytes = await entry.file.arrayBuffer();
    } catch (problem) {
      const why = "the browser could not read it (" + problem.message + "); close it where it is open";
      return ask("giveUp", { name, why });
    }
    const answer = await ask("check", { name, bytes }, [bytes]);
    document.body.dataset.memory = String(answer.memory);
    return answer;
  }

  // A new worker knows nothing: what was checked before is checked again, without the one that
  // ended the last.
  async function restart(name, entry, why) {
    worker.terminate();
    waiting.clear();
    entry.why = why;
    say("Starting again without " + name);
    await startWorker();
    for (const [each, other] of checked) {
      if (!queue.includes(each)) queue.push(each);
      other.state = "waiting";
    }
  }

  $("stop").addEventListener("click", () => {
    for (const done of waiting.values()) done.reject(Object.assign(new Error("stopped"), { stop: true }));
    waiting.clear();
  });

  const worst = (entry) => entry.failure ? "failure"
    : ["error", "warning"].find((severity) => entry.counts[severity]) || "ok";
  function list() {
    const body = $("files").tBodies[0], lines = [];
    for (const [name, entry] of checked) {
      const line = make("tr");
      line.insertCell().textContent = name;
      const result = line.insertCell();
      if (entry.state !== "done") result.textContent = entry.state === "waiting" ? "Waiting" : "Checking";
      else {
        result.textContent = entry.failure || entry.summary;
        result.className = "is-" + worst(entry);
      }
      const copy = line.insertCell(), away = line.insertCell();
      if (entry.state === "done" && !entry.failure) copy.append(copyButton(name, result));
      const remove = make("button", "Remove", { type: "button", class: "plain", "aria-label": "Remove " + name });
      remove.disabled = entry.state === "checking";
      remove.addEventListener("click", safely(() => removed(name)));
      away.append(remove);
      lines.push(line);
    }
    body.replaceChildren(...lines);
    $("results").hidden = !checked.size;
    const left = Array.from(checked.values()).reduce((sum, entry) => sum + (entry.not_recomputed || 0), 0);
    $("differs").hidden = !left;
    $("differs").textContent = left + (left === 1 ? " formula was" : " formulas were")
      + " not recomputed (MDL006 below). The command xl-compliance check may recompute more than this page can.";
  }

  function copyButton(name, result) {
    const button = make("button", "Save", { type: "button", "aria-label": "Save a copy of " + name + " with notes in its cells" });
    button.addEventListener("click", safely(async () => {
      const { bytes, said } = await ask("annotated", { name });
      if (said) result.append(make("span", said, { class: "said", role: "status" }));
      if (bytes.length) save(bytes, name.replace(/(\.[^.]*)$/, "-compliance$1"));
    }));
    return button;
  }

  async function removed(name) {
    await drop(name);
    list();
    if (turn) return;
    const said = await show();
    say(said ? name + " removed. " + said : name + " removed");
    $("pick").focus();
  }

  function save(bytes, name) {
    const url = URL.createObjectURL(new Blob([bytes]));
    const link = make("a", "", { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  for (const button of document.querySelectorAll("[data-style]")) {
    button.addEventListener("click", safely(async () => {
      const { bytes } = await ask("download", { style: button.dataset.style });
      save(bytes, "compliance-report." + button.dataset.style);
    }));
  }

  // ------------------------------------------------------------ the report

  const tags = new Set(meta.tags), attributes = new Set(meta.attributes);

  // Only known elements and attributes go from the report into the page; others stay as text.
  function copied(node) {
    if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return document.createTextNode("");
    if (!tags.has(node.localName)) return document.createTextNode(node.textContent);
    const element = document.createElementNS(node.namespaceURI, node.localName);
    for (const { name, value } of node.attributes) {
      if (attributes.has(name) || (name === "href" && value.startsWith("#"))) element.setAttribute(name, value);
    }
    for (const child of node.childNodes) element.append(copied(child));
    return element;
  }

  async function show() {
    if (!checked.size) {
      $("report").replaceChildren();
      return "";
    }
    const { page, said } = await ask("page");
    const body = page.slice(page.indexOf("<body"));
    const parsed = new DOMParser().parseFromString(policy.createHTML(body), "text/html");
    $("report").replaceChildren(...Array.from(parsed.querySelectorAll("body > header, body > main"), copied));
    startFilters($("filters"));
    return said;
  }

  // ------------------------------------------------------------ dropping

  let inside = 0;
  const holdsFiles = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (holdsFiles(event)) document.body.classList.toggle("dragging", ++inside > 0);
  });
  addEventListener("dragleave", (event) => {
    if (holdsFiles(event)) document.body.classList.toggle("dragging", --inside > 0);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    document.body.classList.remove("dragging");
    if ($("pick").disabled) say("Python is still starting: drop the files again in a moment");
    else if (event.dataTransfer.files.length) take(Array.from(event.dataTransfer.files));
  });
  $("pick").addEventListener("change", () => {
    const files = Array.from($("pick").files);
    $("pick").value = "";
    take(files);
  });

  // ------------------------------------------------------------ the calculator

  const functions = new Map(meta.calculator.functions.map((each) => [each.name, each]));
  let shown, typed = 0, pause;

  function choices() {
    const words = $("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const groups = new Map();
    for (const each of functions.values()) {
      const text = (each.name + " " + each.family + " " + each.document).toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
      if (!groups.has(each.family)) groups.set(each.family, make("optgroup", "", { label: each.family }));
      groups.get(each.family).append(make("option", each.name, { value: each.name }));
    }
    $("function").replaceChildren(...groups.values());
    if (shown) $("function").value = shown.name;
  }

  function showFunction(name) {
    shown = functions.get(name);
    $("function-name").replaceChildren(...breakable(shown.signature));
    $("function-summary").textContent = shown.summary;
    $("document").textContent = shown.document;
    $("fields").replaceChildren(...shown.arguments.map(field));
    $("spelling").replaceChildren(...meta.calculator.spellings
      .filter(([key]) => shown.spellings.includes(key))
      .map(([key, words]) => make("option", words, { value: key })));
    $("answered").hidden = true;
    typed += 1;
  }

  function field(argument, place) {
    const id = "field-" + place;
    const line = make("div", "", { class: "field" }), label = make("label", "", { for: id });
    label.append(...breakable(argument.name));
    if (argument.optional) label.append(make("span", "may be left out", { class: "optional" }));
    const input = make("textarea", "", { id, spellcheck: "false", "aria-describedby": id + "-help", rows: argument.many ? 3 : 1 });
    const how = argument.rest ? " One argument a line; a range as {1;2;3}."
      : argument.many ? " One value a line, or cells pasted from a sheet." : "";
    const help = make("span", argument.help + "." + how, { id: id + "-help", class: "soft" });
    line.append(label, input, help);
    return line;
  }

  const fields = () => Array.from($("fields").querySelectorAll("textarea"));

  const calculate = safely(async () => {
    clearTimeout(pause);
    if (!document.body.dataset.ready || !shown) return;
    const mine = ++typed;
    const values = JSON.stringify(fields().map((each) => each.value));
    const { answer } = await ask("answer", { name: shown.name, fields: values, spelling: $("spelling").value });
    if (mine === typed) showAnswer(JSON.parse(answer));
  });

  function showAnswer(found) {
    $("answered").hidden = false;
    const single = !found.mistake && found.answer.length === 1 && found.answer[0].length === 1;
    $("answer").className = found.severity ? "is-" + found.severity : "";
    $("answer").textContent = found.mistake || (single ? found.answer[0][0] : found.answer.length + " rows");
    if (found.why) $("answer").append(make("small", found.why));
    $("answer-table").replaceChildren(...(found.mistake || single ? [] : [grid(found.answer)]));
    $("working").replaceChildren(...(found.working ? [table(found.working)] : []));
    $("formula").value = found.formula || "";
    $("copied").textContent = "";
    document.body.dataset.answered = String(typed);
  }

  const grid = (rows) => {
    const made = make("table"), body = made.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const text of row) line.insertCell().textContent = text;
    }
    return made;
  };

  $("search").addEventListener("input", choices);
  $("function").addEventListener("change", () => showFunction($("function").value));
  $("arguments").addEventListener("submit", (event) => {
    event.preventDefault();
    calculate();
  });
  $("arguments").addEventListener("input", () => {
    clearTimeout(pause);
    if (!$("answered").hidden) pause = setTimeout(calculate, 400);
  });
  $("arguments").addEventListener("keydown", (event) => {
    const oneLine = event.target.rows === 1 && event.key === "Enter" && !event.shiftKey;
    if (oneLine || (event.key === "Enter" && event.ctrlKey)) {
      event.preventDefault();
      calculate();
    }
  });
  $("example").addEventListener("click", () => {
    fields().forEach((each, place) => { each.value = shown.example[place] || ""; });
    calculate();
  });
  $("clear").addEventListener("click", () => {
    for (const each of fields()) each.value = "";
    $("answered").hidden = true;
    typed += 1;
  });
  $("spelling").addEventListener("change", calculate);
  $("copy").addEventListener("click", async () => {
    $("formula").select();
    try {
      await navigator.clipboard.writeText($("formula").value);
    } catch {
      document.execCommand("copy");
    }
    $("copied").textContent = "Copied";
  });

  // ------------------------------------------------------------ and go

  choices();
  showFunction(functions.keys().next().value);
  choices();
  if (typeof DecompressionStream !== "function" || typeof WebAssembly !== "object") {
    gone("it is too old");
    return;
  }
  // The first picture is drawn before the large texts are taken apart.
  requestAnimationFrame(() => setTimeout(() => {
    unpack().then(startWorker).catch((problem) => gone(problem.message));
  }));
}());
