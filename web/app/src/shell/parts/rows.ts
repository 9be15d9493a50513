/** Where the rows of a long list are, some of them measured and the others estimated. */

/** The rows that are to be drawn, and the empty room before and after them in pixels. */
export interface Stretch {
  from: number;
  to: number;
  before: number;
  after: number;
}

export class Rows {
  private heights: Float64Array;
  private tops: Float64Array;
  private dirty = 0;

  constructor(
    private length: number,
    private readonly estimate: number,
  ) {
    this.heights = new Float64Array(length).fill(estimate);
    this.tops = new Float64Array(length + 1);
  }

  /** Another number of rows; those that were measured keep their height. */
  resize(length: number): void {
    if (length === this.length) return;
    const heights = new Float64Array(length).fill(this.estimate);
    heights.set(this.heights.subarray(0, Math.min(length, this.length)));
    this.dirty = Math.min(this.dirty, length, this.length);
    this.heights = heights;
    const tops = new Float64Array(length + 1);
    tops.set(this.tops.subarray(0, Math.min(length, this.length) + 1));
    this.tops = tops;
    this.length = length;
  }

  /** @returns whether this changes anything */
  measured(index: number, height: number): boolean {
    if (index >= this.length || height <= 0 || this.heights[index] === height) return false;
    this.heights[index] = height;
    this.dirty = Math.min(this.dirty, index);
    return true;
  }

  top(index: number): number {
    this.sum();
    return this.tops[Math.min(index, this.length)] as number;
  }

  /** The rows that show between two heights of the list. */
  between(top: number, bottom: number): Stretch {
    this.sum();
    const from = this.find(top);
    const to = this.length === 0 ? 0 : Math.min(this.length, this.find(bottom) + 1);
    const total = this.tops[this.length] as number;
    return { from, to, before: this.top(from), after: total - this.top(to) };
  }

  /** The row that holds a height, by halving. */
  private find(height: number): number {
    let low = 0;
    let high = Math.max(0, this.length - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.tops[middle] as number) <= height) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private sum(): void {
    for (let i = this.dirty; i < this.length; i += 1) {
      this.tops[i + 1] = (this.tops[i] as number) + (this.heights[i] as number);
    }
    this.dirty = this.length;
  }
}
