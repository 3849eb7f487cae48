/** Changes to plain containers that can be taken back: what makes a transaction in memory all or nothing. */

export class Journal {
  #undos: (() => void)[] = [];

  rollback(): void {
    for (const undo of this.#undos.reverse()) undo();
    this.#undos = [];
  }

  assign<T extends object, K extends keyof T>(target: T, field: K, value: T[K]): void {
    const former = target[field];
    this.#undos.push(() => {
      target[field] = former;
    });
    target[field] = value;
  }

  push<T>(list: T[], item: T): void {
    list.push(item);
    this.#undos.push(() => list.pop());
  }

  shift<T>(list: T[]): void {
    if (list.length === 0) return;
    const first = list.shift() as T;
    this.#undos.push(() => list.unshift(first));
  }

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const had = map.has(key);
    const former = map.get(key) as V;
    map.set(key, value);
    this.#undos.push(() => (had ? map.set(key, former) : map.delete(key)));
  }

  delete<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return;
    const former = map.get(key) as V;
    map.delete(key);
    this.#undos.push(() => map.set(key, former));
  }
}
