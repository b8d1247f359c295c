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

// Curves of classes: all of them thin, or one of them.
function chooseClass(section) {
  const select = section.querySelector("select"), groups = [...section.querySelectorAll("g[data-class]")];
  const figures = [...section.querySelectorAll("figure")];
  const pooled = figures.filter(figure => figure.querySelector('g[data-class=""]'));
  function show() {
    const chosen = select.value;
    groups.forEach(group => {
      const all = chosen === "" && (group.dataset.class === "" || !pooled.includes(group.closest("figure")));
      group.toggleAttribute("hidden", !all && group.dataset.class !== chosen);
    });
    figures.forEach(figure => {
      figure.querySelector(".lines").classList.toggle("many", chosen === "" && !pooled.includes(figure));
    });
  }
  select.addEventListener("change", show);
  show();
}

// Threshold of binary columns: scores, counts and cost at each, from the counts that the page holds.
function moveThreshold(section) {
  const values = JSON.parse(section.dataset.thresholds), columns = JSON.parse(section.dataset.columns);
  const find = name => section.querySelector(`[name="${name}"]`), slider = find("threshold"), ratio = find("ratio");
  const paths = [...section.querySelectorAll("path")], marker = section.querySelector("line.now");
  const said = section.querySelector("output"), cells = [...section.querySelectorAll("[data-name]")];
  const share = (part, whole) => whole > 0 ? part / whole : NaN;
  const written = value => Number.isNaN(value) ? "–" : value.toFixed(3);
  const amount = value => Math.max(value, 0).toLocaleString("en", { maximumFractionDigits: 2 });
  let column = columns[0];
  function at(place) {
    const [tps, predictions, support, total] = column, tp = tps[place], predicted = predictions[place];
    const fp = predicted - tp, fn = support - tp, tn = total - support - fp;
    return {
      scores: {
        precision: share(tp, predicted), recall: share(tp, support), F1: share(2 * tp, predicted + support),
        specificity: share(tn, total - support),
      },
      counts: {
        "predicted yes": predicted, "true positives": tp, "false positives": fp, "false negatives": fn,
        "true negatives": tn,
      },
      cost: ratio.value === "" ? NaN : fn * Number(ratio.value) + fp,
    };
  }
  function show() {
    const place = Number(slider.value), now = at(place), x = 100 * values[place] + "%";
    const threshold = values[place].toPrecision(3);
    marker.setAttribute("x1", x);
    marker.setAttribute("x2", x);
    cells.forEach(cell => {
      const name = cell.dataset.name;
      if (name === "cost") cell.textContent = Number.isNaN(now.cost) ? "–" : amount(now.cost);
      else cell.textContent = name in now.scores ? written(now.scores[name]) : amount(now.counts[name]);
    });
    const scores = ["precision", "recall", "F1"].map(name => `${name} ${written(now.scores[name])}`).join(", ");
    slider.setAttribute("aria-valuetext", `threshold ${threshold}`);
    said.textContent = `${threshold}: ${scores}` + (Number.isNaN(now.cost) ? "" : `, cost ${amount(now.cost)}`);
  }
  function draw() {
    const all = values.map((_, place) => at(place));
    ["precision", "recall", "F1"].forEach((name, index) => {
      const points = values.map((x, place) => [x, all[place].scores[name]]).filter(point => !Number.isNaN(point[1]));
      paths[index].setAttribute("d", "M" + points.map(([x, y]) => `${x.toFixed(4)} ${(1 - y).toFixed(4)}`).join("L"));
    });
  }
  function move(place) {
    slider.value = place;
    show();
  }
  const best = (value, sign) => values.reduce((found, _, place) => sign * value(place) > sign * value(found) ? place : found, 0);
  find("as reported").addEventListener("click", () => move(column[4]));
  find("best F1").addEventListener("click", () => move(best(place => at(place).scores.F1 || 0, 1)));
  find("least cost").addEventListener("click", () => {
    if (ratio.value === "") ratio.focus();
    else move(best(place => at(place).cost, -1));
  });
  find("column")?.addEventListener("change", event => {
    column = columns[Number(event.target.value)];
    draw();
    move(column[4]);
  });
  slider.addEventListener("input", show);
  ratio.addEventListener("input", show);
  show();
}

// Images below a table: all of them, or those of one of its cells. Returns what a chosen cell calls.
function chooseImages(section, mark, cells) {
  const figures = [...section.querySelectorAll("figure")], [said, all] = section.querySelectorAll("[aria-live], button");
  const total = said.textContent;
  section.querySelector(".how").hidden = false;
  function choose(cell, name, text) {
    const shown = figures.filter(figure => !(figure.hidden = Boolean(cell) && figure.dataset.cell !== name));
    cells.forEach(other => other.setAttribute(mark, "false"));
    if (cell) cell.setAttribute(mark, "true");
    said.textContent = cell ? `${text}; images: ${shown.length}` : total;
    all.hidden = !cell;
    if (cell) section.scrollIntoView({ block: "nearest" });
  }
  all.addEventListener("click", () => choose(null));
  return choose;
}

// Mistakes: a click, Enter or the space bar on a cell of the matrix.
function showMistakes(table, section) {
  const rows = [...table.tBodies[0].rows].map(row => [...row.querySelectorAll("td")]);
  const choose = chooseImages(section, "aria-selected", rows.flat());
  rows.forEach((cells, top) => cells.forEach((cell, left) => {
    const chosen = () => choose(cell, `${top} ${left}`, cell.getAttribute("aria-label"));
    cell.addEventListener("click", chosen);
    cell.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      chosen();
    });
  }));
  table.classList.add("chooses");
}

// Flips: the numbers of the table become buttons, where there are images of them.
function showFlips(table, section) {
  const known = new Set([...section.querySelectorAll("figure")].map(figure => figure.dataset.cell));
  const cells = [...table.querySelectorAll("td[data-cell]")].filter(cell => known.has(cell.dataset.cell));
  const buttons = cells.map(cell => {
    const button = document.createElement("button"), kind = cell.dataset.cell.split(" ")[1];
    const text = `${cell.closest("tr").cells[0].textContent}: ${cell.textContent} ${kind}`;
    button.type = "button";
    button.textContent = cell.textContent;
    button.setAttribute("aria-label", `${text}, show images`);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => choose(button, cell.dataset.cell, text));
    cell.replaceChildren(button);
    return button;
  });
  const choose = chooseImages(section, "aria-pressed", buttons);
}

const input = document.querySelector(".find input"), matrix = document.querySelector("table.matrix");
const curves = document.querySelector(".classes-at-thresholds"), slide = document.querySelector(".thresholds");
const tables = [...document.querySelectorAll("table.scores")].filter(table => table.querySelector("thead button"));
tables.forEach(sortTable);
if (input) filterTable(input, tables[0]);
if (matrix) showPairs(matrix, document.getElementById("bubble"));
if (curves?.querySelector("select")) chooseClass(curves);
if (slide) moveThreshold(slide);
const mistakes = document.getElementById("mistakes");
if (matrix && mistakes) showMistakes(matrix, mistakes);
const flips = document.querySelector("#flips table"), flipped = document.getElementById("flipped");
if (flips && flipped) showFlips(flips, flipped);
