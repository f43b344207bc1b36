// The boundaries of the multiparts that are open while a message is read, as a tree of octets: a line is matched in one walk
// over it, however many are open and however much they resemble each other.
interface Node {
  readonly next: Map<number, Node>;
  /** Levels of the open multiparts whose boundary ends here, innermost last. */
  readonly levels: number[];
}

export interface BoundaryLine {
  /** The level of the multipart, as given to `push`. */
  readonly level: number;
  /** It closes the multipart: "--" follows the boundary. */
  readonly close: boolean;
}

// RFC 2046 §5.1.1 allows 70 characters. Longer ones exist and are compared by their first 200, which also bounds this tree.
const MAX_BOUNDARY = 200;

const DASH = 45;

function newNode(): Node {
  return { next: new Map(), levels: [] };
}

export class OpenBoundaries {
  readonly #root = newNode();
  readonly #open: {
    readonly level: number;
    readonly path: readonly Node[];
    readonly octets: Buffer;
  }[] = [];

  get count(): number {
    return this.#open.length;
  }

  push(level: number, boundary: string): void {
    const octets = Buffer.from(boundary.slice(0, MAX_BOUNDARY), "latin1");
    const path = [this.#root];
    let node = this.#root;
    for (const octet of octets) {
      const known = node.next.get(octet);
      const next = known ?? newNode();
      if (known === undefined) node.next.set(octet, next);
      path.push(next);
      node = next;
    }
    node.levels.push(level);
    this.#open.push({ level, path, octets });
  }

  /** Closes the innermost multiparts down to and including `level`. */
  popTo(level: number): void {
    for (
      let last = this.#open.at(-1);
      last !== undefined && last.level >= level;
      last = this.#open.at(-1)
    ) {
      this.#open.pop();
      last.path.at(-1)?.levels.pop();
      for (let index = last.path.length - 1; index > 0; index -= 1) {
        const node = last.path[index];
        if (node === undefined || node.levels.length > 0 || node.next.size > 0) break;
        last.path[index - 1]?.next.delete(last.octets[index - 1] ?? 0);
      }
    }
  }

  /**
   * Whether the line from `at` to `end` (line end included) is a delimiter. RFC 2046 §5.1.1: it is enough that the boundary
   * stands at the beginning of the line. Of several that do, the longest is meant, and of equal ones the innermost.
   */
  match(bytes: Uint8Array, at: number, end: number): BoundaryLine | undefined {
    if (this.#open.length === 0 || bytes[at] !== DASH || bytes[at + 1] !== DASH) return undefined;
    let node: Node | undefined = this.#root;
    let found: BoundaryLine | undefined;
    for (let index = at + 2; node !== undefined && index <= end; index += 1) {
      const level = node.levels.at(-1);
      if (level !== undefined) {
        found = {
          level,
          close: index + 2 <= end && bytes[index] === DASH && bytes[index + 1] === DASH,
        };
      }
      node = index < end ? node.next.get(bytes[index] ?? 0) : undefined;
    }
    return found;
  }
}
