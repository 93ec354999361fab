// Other ways: what can be done at a place, and questions of it. A page that is served asks proofmark; a file has what
// was answered when it was written.

const BRANCH = ['from', 'then', 'with'];
const WAITING = 'the model is made and the solver asked …';
const TOLD_EVERY = 1000;
const AS_WRITTEN = 'A file has no model and no solver: this is what was answered when it was written. All else is answered where the run is, by proofmark explore RUN --web.';
const CAN_GO_WRONG = 'can this still go wrong?';
const runs = new Map();

function notHeld(at) {
  return { why: 'This file does not hold the answer: it has no model and no solver. Ask where the run and its program are: '
    + `proofmark explore RUN --web --at '${at}', with --src DIR or --package NAME@VERSION.` };
}

function isBranch(place) {
  return BRANCH.some((name) => place[name]);
}

// What of a place says which run is looked at, if not the one that was recorded.
function branchOf(place) {
  return Object.fromEntries(BRANCH.map((name) => [name, place[name]]));
}

// The address of a run, from that of a place in it.
function runAt(at) {
  const { key, place } = readAddress(at);
  return addressOf(key, branchOf(place)).slice(1);
}

// The place after so many steps of what is shown, as the terminal program has it.
function placeAfter(place, step) {
  if (!isBranch(place)) return { from: step };
  const from = numberOf(place.from, 0, state.recorded.steps ? state.recorded.steps.length : 0, 0);
  const ways = (place.then || '').split('~').filter(Boolean);
  return { from: Math.min(step, from), then: ways.slice(0, Math.max(0, step - from)).join('~'), with: place.with };
}

async function answered(ask, at) {
  const { held } = state.exploration;
  if (held) return heldAnswer(held, ask, at);
  const telling = setInterval(tellDoing, TOLD_EVERY);
  try {
    return await posted({ ask, at });
  } catch {
    return { why: 'proofmark does not answer: is the command that serves this page still running?' };
  } finally {
    clearInterval(telling);
  }
}

// What runs pass stands once for each result.
function heldAnswer(held, ask, at) {
  const found = held[`${ask} ${at}`];
  if (!found) return notHeld(at);
  return found.view ? { view: { ...found.view, listing: held[`texts ${readAddress(at).key}`] } } : found;
}

async function posted(question) {
  const asked = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question) };
  return (await fetch('ask', asked)).json();
}

// How far it is, where an answer is waited for.
async function tellDoing() {
  try {
    const { doing } = await posted({ ask: 'doing' });
    for (const one of document.querySelectorAll('.waiting')) one.textContent = `${WAITING} ${doing}`;
  } catch {
    // the answer itself says so
  }
}

function waiting() {
  return element('p', { class: 'dim waiting' }, WAITING);
}

// What an address shows: a recorded view at once; another run when it has come, and nothing until then.
function viewAt(recorded, place) {
  if (!isBranch(place)) return recorded;
  const at = addressOf(recorded.heading.key, branchOf(place));
  if (!runs.has(at)) {
    runs.set(at, null);
    waitFor(recorded, at);
  }
  return runs.get(at);
}

async function waitFor(recorded, at) {
  const main = document.getElementById('main');
  main.setAttribute('aria-busy', 'true');
  if (!state.view) main.replaceChildren(waiting());
  say(WAITING);
  const found = await answered('view', at.slice(1));
  runs.set(at, found.view || { kind: 'none', heading: { ...recorded.heading, verdict: 'another way', reason: found.why } });
  show();
  if (!found.view) runs.delete(at);
}

// Where an address shows no run: why.
const noView = {
  render(view, main) {
    main.append(headingOf({ heading: { ...view.heading, reason: '' } }),
      element('p', { class: 'broken', role: 'alert' }, `${state.exploration.held ? '' : 'No such way: '}${view.heading.reason}`), recordedLink());
  },
  place() {},
  key() {
    return false;
  },
  search() {
    return [];
  },
};

function recordedLink() {
  const { key } = state.recorded.heading;
  const steps = state.recorded.steps ? numberOf(state.place.from, 0, state.recorded.steps.length, 0) : null;
  return element('a', { href: addressOf(key, { step: steps }) }, '↩ back to what was recorded');
}

const branches = {
  // The button, and the panel that it opens.
  toolbar() {
    return [button(['other ways ', element('kbd', {}, 'b')], () => this.toggle(),
      { id: 'branch', 'aria-expanded': 'false', 'aria-controls': 'branches' }), isBranch(state.place) ? recordedLink() : null];
  },

  panel() {
    return element('section', { class: 'panel', id: 'branches', 'aria-label': 'Other ways', hidden: true });
  },

  at() {
    const step = state.view.kind === 'trace' ? traceView.at() : 0;
    return { step, address: addressOf(state.recorded.heading.key, placeAfter(state.place, step)).slice(1) };
  },

  // Another place has other ways.
  moved() {
    const panel = document.getElementById('branches');
    if (panel && !panel.hidden && panel.dataset.at !== this.at().address) this.close();
  },

  close() {
    const panel = document.getElementById('branches');
    const inside = panel.contains(document.activeElement);
    panel.hidden = true;
    panel.replaceChildren();
    document.getElementById('branch').setAttribute('aria-expanded', 'false');
    if (inside) document.getElementById('branch').focus();
  },

  toggle() {
    if (document.getElementById('branches').hidden) this.open();
    else this.close();
  },

  async open() {
    const panel = document.getElementById('branches');
    const { step, address } = this.at();
    const title = element('h3', { tabindex: '-1' }, `What can be done after step ${step}`);
    panel.dataset.at = address;
    const below = element('div', {}, waiting());
    panel.replaceChildren(title, below);
    panel.hidden = false;
    document.getElementById('branch').setAttribute('aria-expanded', 'true');
    title.focus();
    panel.scrollIntoView();
    const found = await answered('ways', address);
    if (panel.hidden || panel.dataset.at !== address) return;
    below.replaceChildren(...this.listed(found, address));
    panel.scrollIntoView();
    say(found.why || plural(found.lines.length, 'way'));
  },

  listed(found, address) {
    const { held } = state.exploration;
    const why = found.why ? element('p', { class: 'broken' }, found.why) : null;
    const questions = found.questions || (held && held[`wrong ${address}`] ? [['wrong', CAN_GO_WRONG]] : []);
    if (!questions.length) return [why];
    const answers = element('div', { id: 'answers', role: 'status', 'aria-live': 'polite' });
    const asks = questions.filter(([ask]) => !held || held[`${ask} ${address}`]).map(([ask, text]) => element('li', {},
      button(text, () => this.ask(ask, text, address, answers), { 'aria-controls': 'answers' })));
    return [held ? element('p', { class: 'dim' }, AS_WRITTEN) : '',
      element('ul', { class: 'plain questions', 'aria-label': 'Questions' }, asks), answers,
      ...(why ? [why] : [element('h4', {}, `${plural(found.lines.length, 'way')}:`), this.lines(found.lines)])];
  },

  lines(some) {
    return element('ol', { class: 'entries' }, some.map(([text, at]) => element('li', {}, this.line(text, at), this.then(at))));
  },

  // What a file holds of where a way leads: whether that can still go wrong.
  then(at) {
    const { held } = state.exploration;
    const answer = held && at && held[`wrong ${runAt(at)}`];
    return answer && answer.lines ? element('ul', { class: 'dim', 'aria-label': 'Can it still go wrong then?' },
      answer.lines.map(([text]) => element('li', {}, `then ${text}`))) : null;
  },

  // Who does what leads there; of the rest what breaks is marked.
  line(text, at) {
    const { held } = state.exploration;
    if (at === null || (held && !held[`view ${runAt(at)}`])) return text;
    const [what, ...rest] = text.split(/(?=: )/);
    const said = rest.join('');
    return element('a', { href: `#${at}` }, element('b', {}, what), said.startsWith(': ✗') ? element('span', { class: 'broken' }, said) : said);
  },

  async ask(ask, text, address, answers) {
    answers.replaceChildren(element('h4', {}, text), waiting());
    const found = await answered(ask, address);
    answers.replaceChildren(element('h4', {}, text),
      found.why ? element('p', { class: 'broken' }, found.why) : this.lines(found.lines));
  },

  // Keys within the panel: up and down among what can be chosen.
  key(name) {
    const all = [...document.querySelectorAll('#branches a, #branches button')];
    const at = all.indexOf(document.activeElement);
    if (name === 'Escape') this.close();
    else if (name === 'ArrowDown') all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (name === 'ArrowUp') all[Math.max(at - 1, 0)]?.focus();
    else return false;
    return true;
  },
};
