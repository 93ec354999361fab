// What all views need: elements, addresses, what is said to screen readers.

// `recorded`: what the exploration has under the key of the view, which may show another run.
const state = { exploration: null, recorded: null, view: null, place: {} };

// An element. Text is only ever set as text: nothing in an exploration becomes markup.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'onclick' || key === 'onchange') made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? '' : String(value));
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) made.append(child);
  }
  return made;
}

function button(label, onclick, attributes) {
  return element('button', { type: 'button', onclick, ...attributes }, label);
}

function plural(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

let spoken = '';
function say(text) {
  if (text === spoken) return;
  spoken = text;
  document.getElementById('said').textContent = text;
}

// Addresses: KEY/name/value/name/value ..., after `#`.
function addressOf(key, place) {
  const parts = [key];
  for (const [name, value] of Object.entries(place)) {
    if (value !== null && value !== undefined && value !== '') parts.push(name, String(value));
  }
  return '#' + parts.map(encodeURIComponent).join('/');
}

function readAddress(text) {
  let parts;
  try {
    parts = text.replace(/^#/, '').split('/').map(decodeURIComponent);
  } catch {
    return { key: '', place: {} };
  }
  const place = {};
  for (let at = 1; at + 1 < parts.length; at += 2) place[parts[at]] = parts[at + 1];
  return { key: parts[0], place };
}

// Another place in what is shown: which run it is stays.
function hrefOf(place) {
  return addressOf(state.view.heading.key, { ...branchOf(state.place), ...place });
}

function go(place) {
  moveTo(hrefOf(place));
}

// At once: an address that is only set is gone to later.
function moveTo(address) {
  if (location.hash !== address) history.pushState(null, '', address);
  show();
}

function numberOf(text, from, to, otherwise) {
  const number = Number.parseInt(text, 10);
  return Number.isInteger(number) && number >= from && number <= to ? number : otherwise;
}

async function unpacked() {
  const text = document.getElementById('data').textContent.trim();
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text());
}

const SIGNS = { proved: '✓', refuted: '✗', unknown: '?', bounded: '≤', vacuous: '∅' };

function headingOf(view, more) {
  const heading = view.heading;
  const facts = [['instance', heading.instance], ...heading.facts, ...(more || [])];
  return element('header', { class: 'heading' },
    element('h2', { id: 'view-title' },
      element('span', { class: `verdict ${heading.verdict}` }, `${SIGNS[heading.verdict] || '·'} ${heading.verdict}`),
      ` ${heading.obligation} `, element('span', { class: 'dim' }, heading.subject)),
    element('p', { class: 'reason' }, heading.reason),
    element('details', {}, element('summary', {}, 'About this result'),
      element('dl', { class: 'facts' },
        facts.filter((fact) => fact[1]).map(([name, text]) =>
          element('div', {}, element('dt', {}, name), element('dd', {}, text))))));
}

const FEW = 200;

// Searching: a view gives texts with places; the first hits are listed.
function showHits(hits, words) {
  const box = document.getElementById('hits');
  box.replaceChildren();
  box.hidden = words === '';
  if (words === '') return;
  const more = hits.length > FEW ? `, the first ${FEW} shown` : '';
  box.append(element('p', {}, `${plural(hits.length, 'hit')} for “${words}”${more}`));
  box.append(element('ol', {}, hits.slice(0, FEW).map((hit) =>
    element('li', {}, element('a', { href: hrefOf(hit.place) }, hit.text)))));
  say(`${plural(hits.length, 'hit')}`);
}
