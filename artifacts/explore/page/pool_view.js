// A pool at one moment of a run: the bar to scale, what is said of its blocks, and its metadata.

const ROW = 26, EDGE = 18;

function drawn(name, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  for (const child of children.flat(2)) made.append(child);
  return made;
}

// A thousand units wide; a second row holds what overlaps the first. Names stand where there is room for them.
function poolBar(pool, moment, words) {
  const rows = 1 + Math.max(0, ...moment.spans.map((span) => span[1]));
  const [left, right] = pool.edges;
  const height = EDGE + rows * ROW + 14;
  const blocks = moment.spans.map(([name, row, start, stop, broken, cut]) => {
    const y = EDGE + row * ROW;
    const label = [`${broken ? '✗ ' : ''}${name}${cut ? ' …' : ''}`, name].find((one) => stop - start > 9 * one.length + 4);
    return [
      drawn('rect', { class: broken ? 'block broken' : 'block', x: start, y: y + 1, width: stop - start, height: ROW - 2 }),
      label ? drawn('text', { class: broken ? 'broken' : '', x: (start + stop) / 2, y: y + 18, 'text-anchor': 'middle' }, label) : '',
    ];
  });
  const marks = moment.marks.map(([start, stop, broken]) =>
    drawn('rect', { class: broken ? 'mark broken' : 'mark shared', x: start, y: EDGE + rows * ROW + (broken ? 7 : 2), width: Math.max(3, stop - start), height: 4 }));
  return drawn('svg', { class: 'pool-bar', viewBox: `-2 0 1004 ${height}`, role: 'img', 'aria-label': words },
    drawn('text', { x: left, y: 12 }, pool.from), drawn('text', { x: right, y: 12, 'text-anchor': 'end' }, pool.to),
    drawn('rect', { class: 'free', x: left, y: EDGE, width: right - left, height: rows * ROW }),
    blocks, marks,
    drawn('path', { class: 'edge', d: `M${left} ${EDGE - 4}V${EDGE + rows * ROW + 4}M${right} ${EDGE - 4}V${EDGE + rows * ROW + 4}` }));
}

function poolPanel(pool, at) {
  const moment = pool.moments[at];
  const words = [moment.said, ...moment.blocks].join('; ');
  return element('section', { class: 'panel wide', 'aria-label': 'Pool' }, element('h3', {}, `Pool ${pool.said}`),
    pool.edges ? poolBar(pool, moment, words) : null, element('p', {}, moment.said),
    element('ul', { class: 'plain' }, moment.blocks.map((text) => element('li', { class: text[0] === '✗' ? 'broken' : '' }, text))),
    element('p', { class: 'dim' }, 'To scale. A letter is a block, named after the call that handed it out; a block in a lower row overlaps one above; below the bar a dashed line is what belongs to more than one block, a solid one (✗) what is broken.'));
}

function poolCells(pool, at) {
  const cells = pool.moments[at].cells;
  return element('section', { class: 'panel', 'aria-label': 'Metadata' }, element('h3', {}, 'Metadata'),
    cells.length ? element('div', { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': 'Cells of the metadata' },
      element('table', { class: 'words' },
        element('thead', {}, element('tr', {}, ['cell', 'address', 'before', 'after'].map((name) => element('th', { scope: 'col' }, name)))),
        element('tbody', {}, cells.map(([name, address, before, after, changed]) => element('tr', {},
          element('th', { scope: 'row' }, `${changed ? 'Δ ' : ''}${name}`), element('td', {}, address), element('td', {}, before),
          element('td', { class: changed ? 'change' : '' }, after))))))
      : element('p', { class: 'dim' }, 'No call leaves anything in memory for a later one.'));
}
