// A trace: swim lanes, one step at a time, and beside it the program and the rule.

const traces = new Map();

// Every state, and where each place of the program is passed: found once for each trace.
function prepared(view) {
  let made = traces.get(view);
  if (made) return made;
  const states = [view.start];
  const passing = new Map();
  const rules = new Map();
  view.steps.forEach((step, at) => {
    const values = states[at].slice();
    for (const [word, , after] of step.changes) values[word] = after;
    states.push(values);
    step.entries.forEach((entry, number) => {
      if (entry.where) remember(passing, lineOf(entry.where[2]), { step: at + 1, entry: number });
      if (entry.rule) remember(rules, entry.rule, { step: at + 1, entry: number });
    });
  });
  const texts = view.steps.map((step) => [
    step.action, ...step.entries.map((one) => `${one.text} ${one.citation || ''} ${one.where ? one.where[2] : ''}`),
    ...step.changes.map(([word, before, after]) => `${view.words[word][0]} ${before} ${after}`),
  ].map((text) => text.toLowerCase()));
  made = { states, passing, rules, texts };
  traces.set(view, made);
  return made;
}

function remember(map, key, place) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(place);
}

// `src/a.rs:12:3` as `src/a.rs:12`.
function lineOf(source) {
  const found = /^(.+?):(\d+)/.exec(source);
  return found ? `${found[1]}:${found[2]}` : source;
}

function saysSomething(view, word, values) {
  return view.words[word][2].every(([holder, value]) => value ? values[holder] === value : values[holder] !== 'gone');
}

function columnsOf(view) {
  return view.columns || state.exploration.lanes;
}

const traceView = {
  render(view, main) {
    prepared(view);
    const lanes = element('table', { class: 'lanes' },
      element('caption', {}, view.pool ? 'The calls, a row for each. Lines with Δ are changes.' : 'The run: a row for each step, a column for each lane. Lines with Δ are changes.'),
      element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'step'),
        columnsOf(view).map((lane) => element('th', { scope: 'col' }, lane)))),
      element('tbody', {}, this.row(view, 0, null), view.steps.map((step, at) => this.row(view, at + 1, step))));
    main.append(headingOf(view), this.toolbar(view), branches.panel(), element('div', { id: 'pool' }),
      element('div', { class: 'lanes-box', tabindex: '0', role: 'region', 'aria-label': view.pool ? 'Calls' : 'Swim lanes' }, lanes),
      element('div', { class: 'beside', id: 'beside' }));
  },

  toolbar(view) {
    return element('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Steps' },
      button('|← start', () => this.to(0), { id: 'first' }), button('← back', () => this.by(-1), { id: 'back' }),
      button('next →', () => this.by(1), { id: 'next' }), button('end →|', () => this.to(view.steps.length), { id: 'last' }),
      view.pool ? null : branches.toolbar(), element('span', { id: 'where-now' }));
  },

  row(view, number, step) {
    const cells = step ? step.cells : columnsOf(view).map(() => []);
    return element('tr', { id: `step-${number}`, onclick: () => this.to(number) },
      element('th', { scope: 'row' }, button(number === 0 ? 'start' : String(number), () => this.to(number),
        { 'aria-label': number === 0 ? 'before the first step' : `step ${number}: ${step.action}` })),
      cells.map((lines) => element('td', {}, lines.map((line) =>
        element('div', { class: line[0] === 'Δ' ? 'change' : line[0] === '✗' ? 'broken' : 'event' }, line)))));
  },

  to(number) {
    go({ step: Math.max(0, Math.min(number, state.view.steps.length)) });
  },

  by(steps) {
    this.to(this.at() + steps);
  },

  at() {
    return numberOf(state.place.step, 0, state.view.steps.length, Math.min(1, state.view.steps.length));
  },

  place(view) {
    const at = this.at();
    for (const row of document.querySelectorAll('.lanes [aria-current]')) row.removeAttribute('aria-current');
    const row = document.getElementById(`step-${at}`);
    row.setAttribute('aria-current', 'step');
    row.scrollIntoView({ block: 'nearest' });
    const step = at ? view.steps[at - 1] : null;
    const entry = this.entry(step);
    const now = `step ${at} of ${view.steps.length}${step ? `: ${step.actor} ${step.action}` : ': the start'}`;
    document.getElementById('where-now').textContent = now;
    document.getElementById('first').disabled = document.getElementById('back').disabled = at === 0;
    document.getElementById('last').disabled = document.getElementById('next').disabled = at === view.steps.length;
    if (view.pool) document.getElementById('pool').replaceChildren(poolPanel(view.pool, at));
    document.getElementById('beside').replaceChildren(...(view.pool ? [poolCells(view.pool, at), this.happens(step, entry), this.program(view, step, entry)] : [
      this.happens(step, entry), this.rule(view, step, entry), this.program(view, step, entry),
      this.changes(view, step), this.memory(view, at), this.whole(view, at)]));
    say(step && entry !== null ? `${now}; ${step.entries[entry].text}` : now);
  },

  // The chosen event of a step: the one of the address, else what is broken, else the first of the host's.
  entry(step) {
    if (!step || !step.entries.length) return null;
    const broken = step.entries.findIndex((one) => one.broken);
    const ruled = step.entries.findIndex((one) => one.rule);
    const otherwise = broken >= 0 ? broken : Math.max(0, ruled);
    return numberOf(state.place.entry, 0, step.entries.length - 1, otherwise);
  },

  happens(step, chosen) {
    const items = step ? step.entries.map((one, number) => element('li', { class: one.broken ? 'broken' : '' },
      button([element('span', { class: 'lane' }, state.exploration.lanes[one.lane]),
        `${one.kind}: ${one.text}`, one.code ? element('b', {}, ` → ${one.code}`) : null,
        one.where ? element('span', { class: 'dim' }, ` ${one.where[2]}`) : null],
      () => go({ step: this.at(), entry: number }), { 'aria-pressed': number === chosen ? 'true' : 'false' }))) : [];
    return element('section', { class: 'panel', 'aria-label': 'What happens in this step' },
      element('h3', {}, 'What happens'),
      items.length ? element('ol', { class: 'entries' }, items) : element('p', {}, step ? 'the step has no event: it only changes the state' : 'nothing yet: the initial state'));
  },

  program(view, step, chosen) {
    const entry = step && chosen !== null ? step.entries[chosen] : null;
    const where = entry && entry.where ? entry.where : null;
    const panel = element('section', { class: 'panel wide', 'aria-label': 'Program' }, element('h3', {}, 'Program'));
    if (!where) {
      panel.append(element('p', {}, 'No body runs here.'));
      return panel;
    }
    const [, block] = where;
    panel.append(element('p', {}, element('code', {}, `${where[0]} bb${block}`), ` ${where[2]}`));
    panel.append(this.rust(view, where[2]));
    const lines = (view.listing.mir[where[0]] || {})[String(block)];
    if (lines) panel.append(element('details', { open: true }, element('summary', {}, `MIR: bb${block}`),
      element('pre', { tabindex: '0' }, lines.join('\n'))));
    for (const reason of view.listing.missing) panel.append(element('p', { class: 'dim' }, reason));
    return panel;
  },

  // The lines around a place; each that the run passes leads to where it does.
  rust(view, source) {
    const found = /^(.+?):(\d+)/.exec(source);
    const excerpts = found ? view.listing.rust[found[1]] || [] : [];
    const line = found ? Number(found[2]) : 0;
    const excerpt = excerpts.find(([first, lines]) => first <= line && line < first + lines.length);
    if (!excerpt) return element('p', { class: 'dim' }, 'The line is not at hand.');
    const { passing } = prepared(view);
    return element('table', { class: 'code' }, element('caption', {}, `Rust: ${found[1]}`),
      element('tbody', {}, excerpt[1].map((text, at) => {
        const number = excerpt[0] + at;
        const places = passing.get(`${found[1]}:${number}`) || [];
        return element('tr', { class: number === line ? 'here' : '', 'aria-current': number === line ? 'true' : null },
          element('th', { scope: 'row' }, `${number === line ? '▶' : ''}${number}`), element('td', {}, element('code', {}, text)),
          element('td', {}, links(places)));
      })));
  },

  rule(view, step, chosen) {
    const entry = step && chosen !== null ? step.entries[chosen] : null;
    const panel = element('section', { class: 'panel', 'aria-label': 'Rule of the host' }, element('h3', {}, 'Rule of the host'));
    if (!entry || !entry.rule) {
      panel.append(element('p', { class: 'dim' }, 'This event uses no rule of the host.'));
      return panel;
    }
    panel.append(element('p', {}, entry.rule), element('p', {}, entry.citation || ''));
    if (entry.code) panel.append(element('p', {}, `the guest hears ${entry.code}`));
    const places = prepared(view).rules.get(entry.rule) || [];
    if (places.length > 1) panel.append(element('p', {}, 'Used at: ', links(places)));
    panel.append(element('p', { class: 'dim' }, 'host-rules/1, docs/host-model.md'));
    return panel;
  },

  changes(view, step) {
    const changed = step ? step.changes : [];
    return element('section', { class: 'panel', 'aria-label': 'What this step changes' },
      element('h3', {}, 'What this step changes'),
      changed.length ? element('table', { class: 'words' },
        element('thead', {}, element('tr', {}, ['word', 'before', 'after', 'lane'].map((name) =>
          element('th', { scope: 'col' }, name)))),
        element('tbody', {}, changed.map(([word, before, after]) => element('tr', {},
          element('th', { scope: 'row' }, view.words[word][0]), element('td', {}, before),
          element('td', { class: 'change' }, after), element('td', {}, state.exploration.lanes[view.words[word][1]])))))
        : element('p', { class: 'dim' }, 'no word of the state'));
  },

  // Who may touch which block, over all states: the column of this step is marked.
  memory(view, at) {
    const panel = element('section', { class: 'panel', 'aria-label': 'Memory' }, element('h3', {}, 'Memory: the life of each block'));
    if (!view.blocks.length) {
      panel.append(element('p', { class: 'dim' }, 'The state has no block of memory.'));
      return panel;
    }
    const lives = state.exploration.lives;
    const wide = view.steps.length > 60 ? Math.max(0, at - 30) : 0;
    const shown = view.blocks.map(([name, all]) => [name, all.slice(wide, wide + 61)]);
    const count = shown[0][1].length;
    panel.append(element('div', { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': 'Life of blocks' },
      element('table', { class: 'memory' },
        element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'block'),
          Array.from({ length: count }, (_, column) => element('th', { scope: 'col', class: column + wide === at ? 'now' : '' },
            column + wide === 0 ? 'start' : String(column + wide))))),
        element('tbody', {}, shown.map(([name, all]) => element('tr', {}, element('th', { scope: 'row' }, name),
          all.map((life, column) => element('td', { class: `life-${life}${column + wide === at ? ' now' : ''}`,
            'aria-label': lives[life][1], title: lives[life][1] }, lives[life][0]))))))));
    panel.append(element('ul', { class: 'plain' }, view.blocks.map(([name, all, reached]) => element('li', {},
      `${name}: ${lives[all[at]][1]}${reached[at].length ? `, reached by ${reached[at].join(', ')}` : ''}`))));
    panel.append(element('p', { class: 'dim' }, 'Legend: ', lives.filter(([sign]) => sign.trim()).map(([sign, words]) => `${sign} ${words}; `)));
    return panel;
  },

  whole(view, at) {
    const values = prepared(view).states[at];
    return element('details', { class: 'panel wide' }, element('summary', {}, `The whole state (${plural(values.length, 'word')})`),
      element('dl', { class: 'state' }, values.map((value, word) => {
        const means = saysSomething(view, word, values);
        return element('div', { class: means ? '' : 'dim' }, element('dt', {}, view.words[word][0]),
          element('dd', {}, means ? value : `(${value}) says nothing here`));
      })));
  },

  key(name) {
    const step = this.at() ? state.view.steps[this.at() - 1] : null;
    const chosen = this.entry(step);
    if (name === 'ArrowRight') this.by(1);
    else if (name === 'ArrowLeft') this.by(-1);
    else if (name === 'Home') this.to(0);
    else if (name === 'End') this.to(state.view.steps.length);
    else if ((name === 'ArrowDown' || name === 'ArrowUp') && step && step.entries.length) {
      const next = chosen + (name === 'ArrowDown' ? 1 : -1);
      go({ step: this.at(), entry: Math.max(0, Math.min(next, step.entries.length - 1)) });
    } else return false;
    return true;
  },

  search(view, words) {
    const hits = [];
    prepared(view).texts.forEach((texts, at) => {
      texts.forEach((text, number) => {
        if (!text.includes(words)) return;
        const entries = view.steps[at].entries.length;
        const place = number >= 1 && number <= entries ? { step: at + 1, entry: number - 1 } : { step: at + 1 };
        hits.push({ place, text: `step ${at + 1}: ${text}` });
      });
    });
    return hits;
  },
};

const LINKS = 12;

function links(places) {
  return [...places.slice(0, LINKS).map((place) => [
    element('a', { href: hrefOf(place) }, `step ${place.step}, event ${place.entry + 1}`), ' ']),
  places.length > LINKS ? `and ${places.length - LINKS} more` : null];
}
