"use strict";

// Per-class table: a click on a header sorts up, then down, then as it was. Rows without a value stand last.
function sortTable(table) {
  const body = table.tBodies[0], original = [...body.rows], headers = [...table.tHead.rows[0].cells];
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  function compare(a, b, column, sign) {
    const [left, right] = [a, b].map(row => row.cells[column].dataset.value);
    if (left === undefined) {
      const names = [a, b].map(row => row.cells[column].textContent);
      return sign * names[0].localeCompare(names[1], undefined, { numeric: true });
    }
    if (left === "" || right === "") return (left === "") - (right === "");
    return sign * (left - right);
  }
  headers.forEach((header, column) => header.querySelector("button").addEventListener("click", () => {
    const order = next[header.getAttribute("aria-sort")], sign = order === "descending" ? -1 : 1;
    headers.forEach(other => other.setAttribute("aria-sort", other === header ? order : "none"));
    const rows = order === "none" ? original : [...original].sort((a, b) => compare(a, b, column, sign));
    body.append(...rows);
  }));
}

function filterTable(input, table) {
  const rows = [...table.tBodies[0].rows];
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    rows.forEach(row => { row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted); });
  });
}

// Confusion matrix: hover or focus shows the pair; one stop of the Tab key, arrows move inside.
function showPairs(table, bubble) {
  const rows = [...table.tBodies[0].rows].map(row => [...row.querySelectorAll("td")]);
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  let current = rows[0][0];
  function show(cell) {
    bubble.textContent = cell.getAttribute("aria-label");
    bubble.hidden = false;
    const box = cell.getBoundingClientRect(), middle = box.left + (box.width - bubble.offsetWidth) / 2;
    const room = document.documentElement.clientWidth - bubble.offsetWidth - 8;
    const above = box.top - bubble.offsetHeight - 6;
    bubble.style.left = Math.max(8, Math.min(middle, room)) + "px";
    bubble.style.top = (above < 4 ? box.bottom + 6 : above) + "px";
  }
  const hide = () => { bubble.hidden = true; };
  function visit(cell) {
    current.tabIndex = -1;
    cell.tabIndex = 0;
    current = cell;
    show(cell);
  }
  function move(event, row, column) {
    const step = steps[event.key], target = step && rows[row + step[0]]?.[column + step[1]];
    if (event.key === "Escape") hide();
    if (step) event.preventDefault();
    if (target) target.focus();
  }
  table.setAttribute("role", "grid");
  rows.forEach((cells, row) => cells.forEach((cell, column) => {
    cell.setAttribute("aria-label", cell.title);
    cell.removeAttribute("title");
    cell.tabIndex = cell === current ? 0 : -1;
    cell.addEventListener("pointerenter", () => show(cell));
    cell.addEventListener("pointerleave", hide);
    cell.addEventListener("focus", () => visit(cell));
    cell.addEventListener("blur", hide);
    cell.addEventListener("keydown", event => move(event, row, column));
  }));
  addEventListener("scroll", hide, { capture: true, passive: true });
}

// Mistakes: a click, Enter or the space bar on a cell of the matrix leaves its images alone.
function showMistakes(table, section) {
  const figures = [...section.querySelectorAll("figure")], [said, all] = section.querySelectorAll("[aria-live], button");
  const total = said.textContent;
  section.querySelector(".how").hidden = false;
  function select(cell, name) {
    const shown = figures.filter(figure => !(figure.hidden = Boolean(cell) && figure.dataset.cell !== name));
    table.querySelectorAll("[aria-selected]").forEach(other => other.removeAttribute("aria-selected"));
    if (cell) cell.setAttribute("aria-selected", "true");
    said.textContent = cell ? `${cell.getAttribute("aria-label")}; images: ${shown.length}` : total;
    all.hidden = !cell;
    if (cell) section.scrollIntoView({ block: "nearest" });
  }
  [...table.tBodies[0].rows].forEach((row, top) => row.querySelectorAll("td").forEach((cell, left) => {
    const choose = () => select(cell, `${top} ${left}`);
    cell.addEventListener("click", choose);
    cell.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    });
  }));
  all.addEventListener("click", () => select(null));
  table.classList.add("chooses");
}

const scores = document.querySelector("table.scores"), input = document.querySelector(".find input");
const matrix = document.querySelector("table.matrix");
sortTable(scores);
if (input) filterTable(input, scores);
if (matrix) showPairs(matrix, document.getElementById("bubble"));
const mistakes = document.getElementById("mistakes");
if (matrix && mistakes) showMistakes(matrix, mistakes);
