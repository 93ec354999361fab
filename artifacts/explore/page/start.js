// From the data to a page, and from an address to a place.

const faces = { trace: traceView, calls: callsView, text: textView, none: noView };

function face() {
  return faces[state.view.kind];
}

function show() {
  const { key, place } = readAddress(location.hash);
  const recorded = state.exploration.views.find((one) => one.heading.key === key) || state.exploration.views[0];
  if (!recorded) return;
  const view = viewAt(recorded, place);
  if (!view) return;
  const fresh = view !== state.view;
  Object.assign(state, { recorded, view, place });
  const main = document.getElementById('main');
  main.removeAttribute('aria-busy');
  const chosen = document.activeElement && document.activeElement.closest('#branches');
  if (fresh) {
    main.replaceChildren();
    face().render(view, main);
    document.title = `proofmark: ${view.heading.verdict} ${view.heading.obligation}`;
    document.querySelectorAll('#views a').forEach((link, at) => {
      if (state.exploration.views[at] === recorded) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
    found();
  }
  const focused = focusedPlace();
  face().place(view);
  branches.moved();
  refocus(fresh && chosen ? { id: document.getElementById('branch') ? 'branch' : 'main' } : focused);
}

// Panels are made anew at every place: what had the focus has it again, found by its label among its kind.
function focusedPlace() {
  const one = document.activeElement;
  if (!one || !document.getElementById('main').contains(one) || one.id) return one && one.id ? { id: one.id } : null;
  const panel = one.closest('section');
  const all = panel ? [...panel.querySelectorAll('button, input, a, pre, summary')] : [];
  return panel ? { panel: panel.getAttribute('aria-label'), at: all.indexOf(one) } : null;
}

function refocus(focused) {
  if (!focused || document.activeElement !== document.body) return;
  if (focused.id) {
    const same = document.getElementById(focused.id);
    if (same) same.focus();
    return;
  }
  const panel = [...document.querySelectorAll('main section')].find((one) => one.getAttribute('aria-label') === focused.panel);
  const all = panel ? [...panel.querySelectorAll('button, input, a, pre, summary')] : [];
  const same = all[Math.min(focused.at, all.length - 1)];
  if (same) same.focus();
}

function listed() {
  document.getElementById('views').replaceChildren(...state.exploration.views.map((view) => element('li', {},
    element('a', { href: addressOf(view.heading.key, {}) },
      element('span', { class: `verdict ${view.heading.verdict}` }, `${SIGNS[view.heading.verdict] || '·'} ${view.heading.verdict}`),
      ` ${view.heading.obligation}`, element('span', { class: 'dim' }, ` ${view.heading.subject} (${view.heading.instance})`)))));
}

function found() {
  const words = document.getElementById('search').value.trim().toLowerCase();
  showHits(words === '' ? [] : face().search(state.view, words), words);
}

function otherView(by) {
  const views = state.exploration.views;
  const at = Math.max(0, Math.min(views.indexOf(state.recorded) + by, views.length - 1));
  moveTo(addressOf(views[at].heading.key, {}));
}

function toggleHelp() {
  const help = document.getElementById('help');
  help.hidden = !help.hidden;
  document.getElementById('help-button').setAttribute('aria-expanded', String(!help.hidden));
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const search = document.getElementById('search');
  if (event.target === search) {
    if (event.key === 'Escape') {
      search.value = '';
      found();
      document.getElementById('main').focus();
    }
    return;
  }
  if (event.target.closest && event.target.closest('#branches') && branches.key(event.key)) {
    event.preventDefault();
    return;
  }
  const scrolls = event.target.closest && event.target.closest('pre, .lanes-box, .scrolls');
  if (scrolls && event.key.startsWith('Arrow') && scrolls.tagName === 'PRE') return;
  const done = {
    '/': () => search.focus(), '?': toggleHelp, n: () => otherView(1), p: () => otherView(-1),
    b: () => document.getElementById('branch')?.click(),
  }[event.key];
  if (done) done();
  else if (!face().key(event.key)) return;
  event.preventDefault();
}

async function start() {
  try {
    state.exploration = await unpacked();
  } catch (error) {
    document.getElementById('main').replaceChildren(element('p', { class: 'broken' },
      `This page could not be read (${error}); it needs a browser of 2023 or later.`));
    return;
  }
  listed();
  for (const note of state.exploration.notes) document.getElementById('views').after(element('p', { class: 'dim' }, note));
  document.getElementById('search').addEventListener('input', found);
  document.getElementById('search-form').addEventListener('submit', (event) => event.preventDefault());
  document.getElementById('help-button').addEventListener('click', toggleHelp);
  document.getElementById('skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById('main').focus();
  });
  document.addEventListener('keydown', pressed);
  window.addEventListener('hashchange', show);
  show();
  document.documentElement.dataset.ready = 'true';
}

// For tests, which hold the questions to those of the terminal program.
globalThis.proofmark = { state, Calls, readWithout };

start();
