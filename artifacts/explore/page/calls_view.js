// A call graph: roots on one side, the goal on the other, what is between, and what is left when something goes.

const SHOWN = 12;
const LINES = 600;
const asked = new Map();

// `r0+c4-5`: root 0 and the call from 4 to 5 are taken away.
function readWithout(view, text) {
  const without = { roots: new Set(), calls: new Map() };
  for (const part of (text || '').split('+')) {
    const root = /^r(\d+)$/.exec(part);
    const call = /^c(\d+)-(\d+)$/.exec(part);
    if (root && Number(root[1]) < view.roots.length) without.roots.add(Number(root[1]));
    if (call && Number(call[1]) < view.names.length && calleesOf(view, Number(call[1])).includes(Number(call[2]))) {
      without.calls.set(callKey(Number(call[1]), Number(call[2])), [Number(call[1]), Number(call[2])]);
    }
  }
  return without;
}

function writeWithout(without) {
  return [...[...without.roots].map((root) => `r${root}`), ...[...without.calls.values()].map(([a, b]) => `c${a}-${b}`)].join('+');
}

// What does not depend on the chosen root or function is asked once.
function askedOf(view, without) {
  const text = writeWithout(without);
  const known = asked.get(view);
  if (known && known.text === text) return known;
  const calls = new Calls(view, without, known && known.calls);
  const left = calls.roots();
  const every = calls.onEveryPath(left);
  const made = { text, calls, left, every, cut: calls.smallestCut(left, every) };
  asked.set(view, made);
  return made;
}

const callsView = {
  render(view, main) {
    const size = view.sizes.reduce((sum, one) => sum + one, 0);
    main.append(headingOf(view, [['functions on the way', String(view.names.length)], ['their code', `${size} bytes`]]));
    if (view.left_out) main.append(element('p', { class: 'broken', role: 'note' },
      `${plural(view.left_out, 'function')} on longer ways did not fit on this page: what is said below is of the part that is shown. `
      + 'The terminal program (proofmark explore) has the whole.'));
    main.append(element('div', { id: 'what-if' }), element('div', { class: 'ways', id: 'ways' }), element('div', { class: 'beside', id: 'beside' }));
  },

  place(view) {
    const without = readWithout(view, state.place.without);
    const known = askedOf(view, without);
    const { calls, left } = known;
    const root = numberOf(state.place.root, 0, view.roots.length - 1, left.length ? left[0] : 0);
    const one = numberOf(state.place.function, 0, view.names.length - 1, view.roots.length ? view.roots[root][1] : 0);
    document.getElementById('what-if').replaceChildren(this.whatIf(view, without, left));
    document.getElementById('ways').replaceChildren(
      this.roots(view, calls, without, root, left), this.paths(view, calls, root, one), this.goal(view, known, without));
    document.getElementById('beside').replaceChildren(...this.chosen(view, calls, without, one));
    say(`${view.roots.length ? view.roots[root][0] : 'no root'}, ${view.names[one]}; ${plural(left.length, 'root')} left`);
  },

  to(changed) {
    const { root, function: one, without } = state.place;
    go({ root, function: one, without, ...changed });
  },

  toggled(without, change) {
    const made = { roots: new Set(without.roots), calls: new Map(without.calls) };
    change(made);
    this.to({ without: writeWithout(made) });
  },

  whatIf(view, without, left) {
    const away = without.roots.size + without.calls.size;
    const names = [...[...without.roots].map((root) => view.roots[root][0]),
      ...[...without.calls.values()].map(([a, b]) => `${view.names[a]} → ${view.names[b]}`)];
    const outcome = left.length === 0 ? `nothing reaches ${view.goal} any more` : `${left.length} of ${plural(view.roots.length, 'root')} ${left.length === 1 ? 'reaches' : 'reach'} ${view.goal}`;
    return element('section', { class: 'panel', 'aria-label': 'What if' }, element('h3', {}, away ? `Without ${plural(away, 'thing')}: ${outcome}` : outcome),
      away ? element('p', {}, names.join(', '), ' ', button('put all back', () => this.to({ without: null }))) : null);
  },

  roots(view, calls, without, chosen, left) {
    return element('section', { class: 'panel', 'aria-label': 'Roots' }, element('h3', {}, 'Roots'),
      element('ul', { class: 'plain' }, view.roots.map(([name, one], number) => {
        const reaches = left.includes(number);
        const far = calls.distance[one] >= 0 ? `${calls.distance[one] + 1}` : '–';
        return element('li', {},
          button(`${reaches ? '●' : '○'} ${name}`, () => this.to({ root: number, function: one }), { 'aria-pressed': String(number === chosen) }),
          element('span', { class: 'dim' }, ` ${reaches ? `${far} away` : 'does not reach it'}`),
          element('label', {}, element('input', { type: 'checkbox', checked: without.roots.has(number) || null,
            onchange: () => this.toggled(without, (made) => { if (!made.roots.delete(number)) made.roots.add(number); }) }), ' without'));
      })));
  },

  paths(view, calls, root, chosen) {
    const panel = element('section', { class: 'panel', 'aria-label': 'Shortest paths' });
    const { layers, count } = view.roots.length ? calls.shortest(view.roots[root][1]) : { layers: [], count: 0n };
    const most = Math.max(1, Math.min(SHOWN, Math.floor(LINES / Math.max(1, layers.length))));
    panel.append(element('h3', {}, layers.length ? `Shortest paths: ${count}` : 'No path'));
    panel.append(element('ol', { class: 'layers', start: '0' }, layers.map((layer) => element('li', {},
      layer.slice(0, most).map((one) => this.name(view, one, chosen)),
      layer.length > most ? element('span', { class: 'dim' }, `and ${layer.length - most} more here`) : null))));
    if (layers.length) panel.append(element('p', {}, `⇒ ${view.goal}`));
    return panel;
  },

  goal(view, { every, cut }, without) {
    const call = ([a, b]) => element('li', {}, `${view.names[a]} → ${view.names[b]} `,
      button('without', () => this.toggled(without, (made) => made.calls.set(callKey(a, b), [a, b])), { 'aria-label': `without the call ${view.names[a]} to ${view.names[b]}` }));
    return element('section', { class: 'panel', 'aria-label': 'What leads to the goal' },
      element('h3', {}, view.goal),
      element('p', {}, `held by ${plural(view.goals.length, 'function')}`),
      element('h4', {}, 'On every path (dominators)'),
      every.functions.length ? element('ul', { class: 'plain' }, every.functions.map((one) => element('li', {}, this.name(view, one, -1)))) : element('p', { class: 'dim' }, 'no function'),
      element('h4', {}, 'Calls on every path'),
      every.calls.length ? element('ul', { class: 'plain' }, every.calls.map(call)) : element('p', { class: 'dim' }, 'no call'),
      element('h4', {}, 'A smallest cut'),
      cut && !cut.length ? element('p', { class: 'dim' }, 'nothing to cut') : cut === null ? element('p', { class: 'dim' }, `none of at most ${CUT_LIMIT} calls`) : element('ul', { class: 'plain' }, cut.map(call)));
  },

  name(view, one, chosen) {
    return button(view.names[one], () => this.to({ function: one }), { class: 'function', 'aria-pressed': String(one === chosen) });
  },

  chosen(view, calls, without, one) {
    const { callerStarts, callers } = graphOf(view);
    const from = Array.from(callers.subarray(callerStarts[one], callerStarts[one + 1]));
    const sites = new Map(view.sites.filter(([caller]) => caller === one).map((site) => [site[1], site]));
    const row = (caller, target, other) => {
      const cut = without.calls.has(callKey(caller, target));
      return element('li', {}, this.name(view, other, -1), element('label', {}, element('input', { type: 'checkbox', checked: cut || null,
        onchange: () => this.toggled(without, (made) => { if (!made.calls.delete(callKey(caller, target))) made.calls.set(callKey(caller, target), [caller, target]); }) }), ' without this call'));
    };
    const list = (title, some, made) => element('div', {}, element('h4', {}, `${title}: ${some.length}`),
      element('ul', { class: 'plain' }, some.slice(0, FEW).map(made), some.length > FEW ? element('li', { class: 'dim' }, `and ${some.length - FEW} more: search finds them`) : null));
    const far = calls.distance[one];
    return [element('section', { class: 'panel', 'aria-label': 'Function' },
      element('h3', {}, view.names[one]),
      element('p', {}, `${plural(view.sizes[one], 'byte')} of code; ${far < 0 ? `does not reach ${view.goal}` : far === 0 ? `holds ${view.goal}` : `${plural(far, 'call')} from the function that holds ${view.goal}`}`),
      list('Called by', from, (caller) => row(caller, one, caller)),
      list('Calls', calleesOf(view, one), (target) => row(one, target, target))),
    element('section', { class: 'panel', 'aria-label': 'Instructions' }, element('h3', {}, 'Instructions'),
      sites.size ? [...sites.values()].map(([, target, offset, lines]) => element('figure', {},
        element('figcaption', {}, `${target < 0 ? view.goal : view.names[target]} at 0x${offset.toString(16)}`),
        element('pre', { tabindex: '0' }, lines.map((line, at) => `${at === lines.length - 1 ? '▶ ' : '  '}${line}`).join('\n'))))
        : element('p', { class: 'dim' }, 'Only functions on shortest paths have theirs here.'))];
  },

  key(name) {
    const view = state.view;
    const root = numberOf(state.place.root, 0, view.roots.length - 1, 0);
    const next = { ArrowRight: root + 1, ArrowLeft: root - 1, Home: 0, End: view.roots.length - 1 }[name];
    if (next === undefined || !view.roots.length) return false;
    const number = Math.max(0, Math.min(next, view.roots.length - 1));
    this.to({ root: number, function: view.roots[number][1] });
    return true;
  },

  search(view, words) {
    if (!view.lower) view.lower = view.names.map((name) => name.toLowerCase());
    const hits = [];
    view.lower.forEach((name, one) => {
      if (name.includes(words)) hits.push({ place: { ...state.place, function: one }, text: view.names[one] });
    });
    return hits;
  },
};
