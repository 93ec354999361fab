// Questions about the calls to a goal, with roots and calls taken away: those of call_questions.py, which tests hold to it.

const CUT_LIMIT = 8;

class Calls {
  constructor(view, without) {
    this.view = view;
    this.without = without;
    const { starts, sources } = callersOf(view);
    const count = view.names.length;
    const distance = new Int32Array(count).fill(-1);
    const waiting = new Int32Array(count);
    const cut = without.calls.size > 0;
    let end = 0;
    for (const goal of view.goals) {
      distance[goal] = 0;
      waiting[end++] = goal;
    }
    for (let at = 0; at < end; at++) {
      const one = waiting[at];
      for (let place = starts[one]; place < starts[one + 1]; place++) {
        const caller = sources[place];
        if (distance[caller] < 0 && !(cut && without.calls.has(callKey(caller, one)))) {
          distance[caller] = distance[one] + 1;
          waiting[end++] = caller;
        }
      }
    }
    this.distance = distance;
  }

  // Those from which the goal can still be reached; a goal leads nowhere else.
  each(one, met) {
    if (this.distance[one] === 0) return;
    const cut = this.without.calls.size > 0;
    for (const difference of this.view.edges[one]) {
      const target = one + difference;
      if (this.distance[target] >= 0 && !(cut && this.without.calls.has(callKey(one, target)))) met(target);
    }
  }

  targets(one) {
    const found = [];
    this.each(one, (target) => found.push(target));
    return found;
  }

  roots() {
    return this.view.roots.map((_, number) => number).filter((number) =>
      !this.without.roots.has(number) && this.distance[this.view.roots[number][1]] >= 0);
  }

  // All shortest paths: layers by distance, and how many paths there are.
  shortest(one) {
    if (this.distance[one] < 0) return { layers: [], count: 0n };
    let ways = new Map([[one, 1n]]);
    const layers = [[one]];
    while (this.distance[layers.at(-1)[0]] > 0) {
      const below = new Map();
      for (const caller of layers.at(-1)) {
        for (const target of this.targets(caller)) {
          if (this.distance[target] === this.distance[caller] - 1) below.set(target, (below.get(target) || 0n) + ways.get(caller));
        }
      }
      layers.push([...below.keys()]);
      ways = below;
    }
    return { layers, count: [...ways.values()].reduce((sum, number) => sum + number, 0n) };
  }

  oneShortest(one) {
    const path = this.distance[one] >= 0 ? [one] : [];
    while (path.length && this.distance[path.at(-1)] > 0) {
      const here = path.at(-1);
      path.push(this.targets(here).find((target) => this.distance[target] === this.distance[here] - 1));
    }
    return path;
  }

  // Functions and calls that every path from every root takes: one path is walked along, and what goes round a part
  // of it shows that this part is not on every path.
  onEveryPath(roots) {
    const begin = [...new Set(roots.map((number) => this.view.roots[number][1]))];
    if (!begin.length) return { functions: [], calls: [] };
    const path = this.oneShortest(begin[0]);
    const place = new Map(path.map((one, at) => [one, at]));
    const seen = new Uint8Array(this.view.names.length);
    const functions = [];
    const calls = [];
    let furthest = Math.max(0, this.explore(begin.slice(1), place, path.length, seen));
    path.forEach((one, at) => {
      if (furthest <= at) functions.push(one);
      const around = this.targets(one).filter((target) => target !== path[at + 1]);
      furthest = Math.max(furthest, at, this.explore(around, place, path.length, seen));
      if (at + 1 < path.length && furthest <= at) calls.push([one, path[at + 1]]);
      furthest = Math.max(furthest, at + 1);
    });
    return { functions, calls };
  }

  explore(begin, place, ended, seen) {
    let furthest = -1;
    const waiting = [];
    const meet = (target) => {
      if (place.has(target)) furthest = Math.max(furthest, place.get(target));
      else if (!seen[target]) {
        seen[target] = 1;
        waiting.push(target);
      }
    };
    begin.forEach(meet);
    while (waiting.length) {
      const one = waiting.pop();
      if (this.distance[one] === 0) return ended;
      this.each(one, meet);
    }
    return furthest;
  }

  // Fewest calls whose removal keeps the roots from the goal; null: more than the limit, or a root is a goal.
  smallestCut(roots) {
    const begin = new Set(roots.map((number) => this.view.roots[number][1]));
    if ([...begin].some((one) => this.distance[one] === 0)) return null;
    const used = new Map();
    for (let round = 0; round <= CUT_LIMIT; round++) {
      const came = this.augmented(begin, used);
      if (came) return [...used.values()].filter(([a, b]) => came[a] !== -2 && came[b] === -2).sort((x, y) => x[0] - y[0] || x[1] - y[1]);
    }
    return null;
  }

  augmented(begin, used) {
    const turned = new Map();
    for (const [caller, target] of used.values()) {
      if (!turned.has(target)) turned.set(target, []);
      turned.get(target).push(caller);
    }
    const came = new Int32Array(this.view.names.length).fill(-2);
    const waiting = [...begin];
    for (const one of waiting) came[one] = -1;
    for (let at = 0; at < waiting.length; at++) {
      const one = waiting[at];
      if (this.distance[one] === 0) {
        flip(came, one, used);
        return null;
      }
      const meet = (target) => {
        if (came[target] === -2) {
          came[target] = one;
          waiting.push(target);
        }
      };
      this.each(one, (target) => { if (came[target] === -2 && !used.has(callKey(one, target))) meet(target); });
      (turned.get(one) || []).forEach(meet);
    }
    return came;
  }
}

function flip(came, goal, used) {
  for (let later = goal; came[later] >= 0; later = came[later]) {
    const earlier = came[later];
    if (used.has(callKey(later, earlier))) used.delete(callKey(later, earlier));
    else used.set(callKey(earlier, later), [earlier, later]);
  }
}

function callKey(caller, target) {
  return caller * 4294967296 + target;
}

function calleesOf(view, one) {
  return view.edges[one].map((difference) => one + difference);
}

const callers = new Map();

function callersOf(view) {
  let made = callers.get(view);
  if (made) return made;
  const starts = new Int32Array(view.names.length + 1);
  view.edges.forEach((targets, caller) => targets.forEach((difference) => { starts[caller + difference + 1] += 1; }));
  for (let at = 0; at < view.names.length; at++) starts[at + 1] += starts[at];
  const sources = new Int32Array(starts[view.names.length]);
  const next = starts.slice();
  view.edges.forEach((targets, caller) => targets.forEach((difference) => { sources[next[caller + difference]++] = caller; }));
  made = { starts, sources };
  callers.set(view, made);
  return made;
}
