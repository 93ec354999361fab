// Questions about the calls to a goal, with roots and calls taken away: those of call_questions.py, which tests hold to it.

const CUT_LIMIT = 8;

class Calls {
  // `known`: of the same view; where the same calls are away, distances are the same.
  constructor(view, without, known) {
    this.view = view;
    this.without = without;
    this.graph = graphOf(view);
    if (known && sameKeys(known.without.calls, without.calls)) {
      this.away = known.away;
      this.distance = known.distance;
    } else this.look();
  }

  look() {
    const { view, without } = this;
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
    const { targets } = this.graph;
    let furthest = -1;
    const waiting = [];
    for (const one of begin) {
      if (place[one] >= 0) furthest = Math.max(furthest, place[one]);
      else if (!seen[one]) {
        seen[one] = 1;
        waiting.push(one);
      }
    }
    while (waiting.length) {
      const one = waiting.pop();
      if (this.distance[one] === 0) return ended;
      for (let call = this.begin(one), end = this.end(one); call < end; call++) {
        const target = targets[call];
        if (seen[target] || !this.leads(call)) continue;
        if (place[target] >= 0) furthest = Math.max(furthest, place[target]);
        else {
          seen[target] = 1;
          waiting.push(target);
        }
      }
    }
    return furthest;
  }

  // Fewest calls whose removal keeps the roots from the goal; null: more than the limit, or a root is a goal. `every`:
  // what is on every path from them.
  smallestCut(roots, every) {
    if (every.calls.length) return every.calls.slice(0, 1);
    const begin = new Set(roots.map((number) => this.view.roots[number][1]));
    if ([...begin].some((one) => this.distance[one] === 0)) return null;
    const { sources, targets } = this.graph;
    const used = new Uint8Array(targets.length);
    const came = new Int32Array(this.view.names.length);
    for (let round = 0; round <= CUT_LIMIT; round++) {
      const goal = this.augmented(begin, used, came);
      if (goal === null) return cutOf(this.graph, used, came);
      for (let one = goal; came[one] !== BEGIN;) {
        const turned = came[one] < 0;
        const call = turned ? TURNED - came[one] : came[one];
        used[call] = turned ? 0 : 1;
        one = turned ? targets[call] : sources[call];
      }
    }
    return null;
  }

  // One more path beside the used calls, which may turn them back: first where the goal is near, so that it is found
  // soon. The goal that it leads to; null if there is none: what is reached then is the same whichever paths were
  // used, and so is the cut. `came`: the call by which a function was reached, below 0 if it was turned.
  augmented(begin, used, came) {
    const { targets, callerStarts, callers, calls } = this.graph;
    came.fill(UNSEEN);
    const waiting = [...begin];
    for (const one of waiting) came[one] = BEGIN;
    const nearer = [];
    while (waiting.length) {
      const one = waiting.pop();
      if (this.distance[one] === 0) return one;
      for (let place = callerStarts[one]; place < callerStarts[one + 1]; place++) {
        if (!used[calls[place]] || came[callers[place]] !== UNSEEN) continue;
        came[callers[place]] = TURNED - calls[place];
        waiting.push(callers[place]);
      }
      nearer.length = 0;
      for (let call = this.begin(one), end = this.end(one); call < end; call++) {
        const target = targets[call];
        if (used[call] || came[target] !== UNSEEN || !this.leads(call)) continue;
        came[target] = call;
        if (this.distance[target] < this.distance[one]) nearer.push(target);
        else waiting.push(target);
      }
      waiting.push(...nearer);
    }
    return null;
  }
}

// What `came` says of a function besides a call by its place among all.
const BEGIN = -1;
const UNSEEN = -2;
const TURNED = -3;

function cutOf({ sources, targets }, used, came) {
  const found = [];
  for (let call = used.indexOf(1); call >= 0; call = used.indexOf(1, call + 1)) {
    if (came[sources[call]] !== UNSEEN && came[targets[call]] === UNSEEN) found.push([sources[call], targets[call]]);
  }
  return found.sort((x, y) => x[0] - y[0] || x[1] - y[1]);
}

function sameKeys(some, others) {
  return some.size === others.size && [...some.keys()].every((key) => others.has(key));
}

function callKey(caller, target) {
  return caller * 4294967296 + target;
}

function calleesOf(view, one) {
  const { starts, targets } = graphOf(view);
  return Array.from(targets.subarray(starts[one], starts[one + 1]));
}

const graphs = new Map();

// All calls of a view in rows, made once: by caller (`starts`, and of each call `sources` and `targets`), and by callee
// (`callerStarts`, `callers`, and their places among all, `calls`).
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
  const sources = new Int32Array(starts[count]);
  const callers = new Int32Array(starts[count]);
  const calls = new Int32Array(starts[count]);
  const next = callerStarts.slice();
  view.edges.forEach((some, caller) => some.forEach((difference, at) => {
    const call = starts[caller] + at;
    const place = next[caller + difference]++;
    targets[call] = caller + difference;
    sources[call] = caller;
    callers[place] = caller;
    calls[place] = call;
  }));
  made = { starts, targets, sources, callerStarts, callers, calls };
  graphs.set(view, made);
  return made;
}
