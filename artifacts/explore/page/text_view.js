// A verdict with what it rests on, in sections.

const OPEN = 12;

const textView = {
  render(view, main) {
    main.append(headingOf(view));
    if (view.heading.facts.some(([name]) => name === 'panic')) {
      main.append(element('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'From the start' }, branches.toolbar()), branches.panel());
    }
    const sections = view.sections.map((number) => state.exploration.sections[number]);
    if (!sections.length) main.append(element('p', { class: 'dim' }, 'There is nothing further to show of this result.'));
    sections.forEach(([title, note, items], at) => main.append(this.section(title, note, items, at)));
  },

  section(title, note, items, at) {
    const tree = title === 'The invariant';
    const shown = tree
      ? element('pre', { tabindex: '0', class: 'wraps' }, items.map(([line], number) => element('span', { id: `item-${at}-${number}`, class: 'line' }, `${line}\n`)))
      : element('ul', {}, items.map(([text, more], number) => element('li', { id: `item-${at}-${number}` }, text, more ? element('span', { class: 'dim' }, ` ${more}`) : null)));
    return element('details', { class: 'panel', id: `section-${at}`, open: items.length <= OPEN },
      element('summary', {}, items.length ? `${title} (${items.length})` : title), note ? element('p', {}, note) : null, shown);
  },

  place(view) {
    for (const item of document.querySelectorAll('main [aria-current]')) item.removeAttribute('aria-current');
    const section = document.getElementById(`section-${state.place.section}`);
    if (section) section.open = true;
    const item = document.getElementById(`item-${state.place.section}-${state.place.item}`) || section;
    if (item) {
      item.setAttribute('aria-current', 'true');
      item.scrollIntoView({ block: 'center' });
    }
    say(`${view.heading.verdict} ${view.heading.obligation}`);
  },

  key() {
    return false;
  },

  search(view, words) {
    const hits = [];
    view.sections.forEach((number, section) => {
      const [title, , items] = state.exploration.sections[number];
      items.forEach(([text, more], item) => {
        if (`${text} ${more}`.toLowerCase().includes(words)) hits.push({ place: { section, item }, text: `${title}: ${text}` });
      });
    });
    return hits;
  },
};
