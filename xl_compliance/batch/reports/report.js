"use strict";
function startFilters(form) {
  const shown = document.getElementById("shown");
  const rows = Array.from(document.querySelectorAll("tr[data-severity]"));
  const texts = new Map();
  const filtered = () => {
    const severities = new Set(
      Array.from(form.querySelectorAll('input[name="severity"]:checked'), (box) => box.value));
    const code = form.elements.namedItem("code").value;
    const text = form.elements.namedItem("text").value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      if (text && !texts.has(row)) texts.set(row, row.textContent.toLowerCase());
      const fits = severities.has(row.dataset.severity)
        && (!code || row.dataset.code === code)
        && (!text || texts.get(row).includes(text));
      row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = "Showing " + count + " of " + rows.length;
  };
  form.addEventListener("input", filtered);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = rows.length === 0;
  filtered();
}
// On paper nothing can be opened: the workings stand open there, and close again afterwards.
let opened = [];
addEventListener("beforeprint", () => {
  opened = Array.from(document.querySelectorAll("#findings details:not([open])"));
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});
// The page of the command "web" puts its reports in later, and starts their filters itself.
if (document.getElementById("filters")) startFilters(document.getElementById("filters"));
