// Questions about the calls to a goal, with roots and calls taken away: those of call_questions.py, which tests hold to it.

const CUT_LIMIT = 8;

class Calls {
  constructor(view, without) {
    this.view = view;
    this.without = without;
    this.graph = graphOf(view);
    const { starts, targets, callerStarts, callers } = this.graph;
    this.away = new Uint8Array(targets.length);
    for (const [caller, target] of without.calls.values()) this.away[targets.indexOf(target, starts[caller])] = 1;
    const cutAt = new Set([...without.calls.values()].map(([, target]) => target));
    const distance = new Int32Array(view.names.length).fill(-1);
    const waiting = new Int32Array(view.names.length);
    let end = 0;
    for (const goal of view.goals) {
      distance[goal] = 0;
      waiting[end++] = goal;
    }
    for (let at = 0; at < end; at++) {
      const one = waiting[at];
      const cut = cutAt.has(one);
      for (let place = callerStarts[one]; place < callerStarts[one + 1]; place++) {
        const caller = callers[place];
        if (distance[caller] < 0 && !(cut && without.calls.has(callKey(caller, one)))) {
          distance[caller] = distance[one] + 1;
          waiting[end++] = caller;
        }
      }
    }
    this.distance = distance;
  }

  // Where the calls of a function begin and end among all; a goal leads nowhere else.
  begin(one) {
    return this.graph.starts[one];
  }

  end(one) {
    return this.distance[one] === 0 ? this.graph.starts[one] : this.graph.starts[one + 1];
  }

  // Whether a call, by its place among all, leads to where the goal can still be reached.
  leads(place) {
    return this.distance[this.graph.targets[place]] >= 0 && this.away[place] === 0;
  }

  targets(one) {
    const found = [];
    for (let place = this.begin(one); place < this.end(one); place++) {
      if (this.leads(place)) found.push(this.graph.targets[place]);
    }
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
    const place = new Int32Array(this.view.names.length).fill(-1);
    path.forEach((one, at) => { place[one] = at; });
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

  // How far along the path one gets without walking on it; a goal off the path is behind its end.
  explore(begin, place, ended, seen) {
    let furthest = -1;
    const waiting = [];
    const meet = (target) => {
      if (place[target] >= 0) furthest = Math.max(furthest, place[target]);
      else if (!seen[target]) {
        seen[target] = 1;
        waiting.push(target);
      }
    };
    begin.forEach(meet);
    while (waiting.length) {
      const one = waiting.pop();
      if (this.distance[one] === 0) return ended;
      for (let call = this.begin(one); call < this.end(one); call++) {
        if (this.leads(call)) meet(this.graph.targets[call]);
      }
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

  // One more path beside the used calls, which may turn them back: first where the goal is near, so that it is found
  // soon. If there is none, what is reached: the same whichever paths were used, and so is the cut.
  augmented(begin, used) {
    const turned = new Map();
    for (const [caller, target] of used.values()) {
      if (!turned.has(target)) turned.set(target, []);
      turned.get(target).push(caller);
    }
    const came = new Int32Array(this.view.names.length).fill(-2);
    const waiting = [...begin];
    for (const one of waiting) came[one] = -1;
    while (waiting.length) {
      const one = waiting.pop();
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
      (turned.get(one) || []).forEach(meet);
      const nearer = [];
      for (let call = this.begin(one); call < this.end(one); call++) {
        const target = this.graph.targets[call];
        if (came[target] !== -2 || !this.leads(call) || used.has(callKey(one, target))) continue;
        if (this.distance[target] < this.distance[one]) nearer.push(target);
        else meet(target);
      }
      nearer.forEach(meet);
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
  const { starts, targets } = graphOf(view);
  return Array.from(targets.subarray(starts[one], starts[one + 1]));
}

const graphs = new Map();

// All calls of a view, one after the other by caller and by callee: made once.
function graphOf(view) {
  let made = graphs.get(view);
  if (made) return made;
  const count = view.names.length;
  const starts = new Int32Array(count + 1);
  const callerStarts = new Int32Array(count + 1);
  view.edges.forEach((targets, caller) => {
    starts[caller + 1] = starts[caller] + targets.length;
    for (const difference of targets) callerStarts[caller + difference + 1] += 1;
  });
  for (let at = 0; at < count; at++) callerStarts[at + 1] += callerStarts[at];
  const targets = new Int32Array(starts[count]);
  const callers = new Int32Array(starts[count]);
  const next = callerStarts.slice();
  view.edges.forEach((some, caller) => some.forEach((difference, at) => {
    targets[starts[caller] + at] = caller + difference;
    callers[next[caller + difference]++] = caller;
  }));
  made = { starts, targets, callerStarts, callers };
  graphs.set(view, made);
  return made;
}
