/** From the YAML tree to JSON values: aliases and merge keys resolved within a budget, every key and scalar as it was written. */

import { type JsonValue, limits } from "@context-mesh/common";
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import {
  duplicateKey,
  type Finding,
  type Findings,
  type Key,
  reservedKey,
  Stop,
  sourceDepthMax,
  tooDeep,
} from "./findings.ts";
import { scalarValue } from "./scalars.ts";
import { childShape, type Shape } from "./shape.ts";

type Anchored = Node | null | undefined;

const offsetOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

/** What each alias points to: the last node of its name that began before it. */
const aliasTargets = (root: Anchored): Map<Alias, Node> => {
  const nodeByAnchor = new Map<string, Node>();
  const targetByAlias = new Map<Alias, Node>();
  const visit = (node: unknown): void => {
    if (isAlias(node)) {
      const target = nodeByAnchor.get(node.source);
      if (target !== undefined) targetByAlias.set(node, target);
      return;
    }
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) nodeByAnchor.set(anchor, node as Node);
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    for (const pair of node.items) {
      visit(pair.key);
      visit(pair.value);
    }
  };
  visit(root);
  return targetByAlias;
};

export class YamlValues {
  readonly #root: Anchored;
  readonly #targets: Map<Alias, Node>;
  readonly #findings: Findings;
  readonly #path: Key[] = [];
  readonly #openAliases = new Set<Node>();
  #aliasNodes = 0;

  constructor(root: Anchored, mayHaveAliases: boolean, findings: Findings) {
    this.#root = root;
    this.#targets = mayHaveAliases ? aliasTargets(root) : new Map();
    this.#findings = findings;
  }

  /** Throws `Stop` where going on would not end. */
  read(shape: Shape): JsonValue {
    return this.#value(this.#root, shape);
  }

  /** Offset of the value at a path, or of its nearest enclosing place. */
  locate(path: readonly Key[]): number {
    let node: unknown = this.#root;
    let offset = offsetOf(node) ?? 0;
    for (const key of path) {
      const pair: Pair | undefined = isMap(node)
        ? node.items.find((item) => this.#keyText(item.key) === key)
        : undefined;
      node = this.#resolved(isSeq(node) && typeof key === "number" ? node.items[key] : pair?.value);
      offset = offsetOf(pair?.value) ?? offsetOf(pair?.key) ?? offsetOf(node) ?? offset;
    }
    return offset;
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  #finding(code: Finding["code"], message: string, hint: string, node: unknown): Finding {
    return { code, message, hint, path: [...this.#path], offset: offsetOf(node) };
  }

  #value(node: unknown, shape: Shape | undefined): JsonValue {
    if (this.#path.length > sourceDepthMax) throw new Stop(tooDeep([...this.#path], offsetOf(node)));
    if (this.#openAliases.size > 0) this.#countAliasNode(node);
    if (isAlias(node)) return this.#aliased(node, shape);
    if (isMap(node)) return this.#object(node, shape);
    if (isSeq(node)) return this.#list(node, shape);
    return isScalar(node) ? this.#scalar(node, shape) : null;
  }

  #countAliasNode(node: unknown): void {
    this.#aliasNodes += 1;
    if (this.#aliasNodes <= limits.aliasNodesMax) return;
    const message = `aliases repeat more than ${limits.aliasNodesMax} values`;
    throw new Stop(this.#finding("alias_bomb", message, "Write the values out, or refer to them by id.", node));
  }

  #aliased(alias: Alias, shape: Shape | undefined): JsonValue {
    const target = this.#targets.get(alias);
    if (target === undefined) {
      const message = `the alias *${alias.source} has no anchor before it`;
      this.#findings.error(
        this.#finding("alias_unknown", message, "Add the anchor, or quote a text that begins with *.", alias),
      );
      return null;
    }
    if (this.#openAliases.has(target) || this.#contains(target, alias)) {
      throw new Stop(
        this.#finding("alias_cycle", `the alias *${alias.source} repeats itself`, "Remove the alias.", alias),
      );
    }
    this.#openAliases.add(target);
    this.#countAliasNode(alias);
    const value = this.#value(target, shape);
    this.#openAliases.delete(target);
    return value;
  }

  /** An alias inside the very node that it names. */
  #contains(target: Node, alias: Alias): boolean {
    const [inner, outer] = [alias.range, target.range];
    return inner != null && outer != null && !isScalar(target) && outer[0] <= inner[0] && inner[1] <= outer[1];
  }

  #scalar(node: Scalar, shape: Shape | undefined): JsonValue {
    const { value } = node;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
    const spot = { path: [...this.#path], offset: offsetOf(node), findings: this.#findings };
    return scalarValue(value, node.source ?? String(value), shape, spot);
  }

  #list(node: YAMLSeq, shape: Shape | undefined): JsonValue {
    return node.items.map((item, index) => {
      this.#path.push(index);
      const value = this.#value(item, childShape(shape, index));
      this.#path.pop();
      return value;
    });
  }

  #keyText(node: unknown): string | undefined {
    const key = this.#resolved(node);
    if (key === null || key === undefined) return "";
    if (!isScalar(key)) return undefined;
    return typeof key.value === "string" ? key.value : (key.source ?? "");
  }

  #object(node: YAMLMap, shape: Shape | undefined): JsonValue {
    const object: Record<string, JsonValue> = {};
    const written = new Set<string>();
    for (const pair of node.items) {
      const key = this.#keyText(pair.key);
      if (key === undefined) {
        const hint = "Use a text as the key.";
        this.#findings.error(this.#finding("not_json", "a list or an object is used as a key", hint, pair.key));
      } else if (key === "<<" && this.#isMergeable(pair)) {
        this.#merge(object, pair.value, shape);
      } else {
        this.#path.push(key);
        this.#field(object, written, pair, shape);
        this.#path.pop();
      }
    }
    return object;
  }

  #field(object: Record<string, JsonValue>, written: Set<string>, pair: Pair, shape: Shape | undefined): void {
    const key = this.#path.at(-1) as string;
    if (key === "__proto__") {
      this.#findings.error(reservedKey([...this.#path], offsetOf(pair.key)));
      return;
    }
    if (written.has(key)) this.#findings.error(duplicateKey([...this.#path], offsetOf(pair.key)));
    written.add(key);
    object[key] = this.#value(pair.value, childShape(shape, key));
  }

  /** `<<` with a map or a list of maps brings in their keys; a quoted one is a key like any other. */
  #isMergeable(pair: Pair): boolean {
    if (!isScalar(pair.key) || pair.key.type !== "PLAIN") return false;
    const value = this.#resolved(pair.value);
    return isMap(value) || (isSeq(value) && value.items.every((item) => isMap(this.#resolved(item))));
  }

  #merge(object: Record<string, JsonValue>, node: unknown, shape: Shape | undefined): void {
    const sources = isSeq(node) ? node.items : [node];
    for (const source of sources) {
      const merged = this.#value(source, shape);
      for (const [key, value] of Object.entries(merged as Record<string, JsonValue>)) {
        if (!Object.hasOwn(object, key)) object[key] = value;
      }
    }
  }
}
