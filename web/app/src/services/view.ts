/** What a built-in view is made from, and what it offers to whoever opened it. */
import type { Desk } from "./desk";

export interface ViewRequest {
  type: string;
  name: string;
  data: unknown;
  config?: unknown;
  ui?: unknown;
  /** Window beside which it opens. */
  beside?: string | undefined;
  /** In words, for the list of images. */
  origin: string;
  /** Hosts that the plugin may reach, null for any: the page fetches nothing that it may not. */
  hosts?: string[] | null;
}

export interface OpenedView {
  id: string;
  methods?: Record<string, (...args: never[]) => unknown>;
  /** An event that the opener emitted to the window. */
  hear?(event: string, value: unknown): void;
  /** What `run` of the window does with new data. */
  change?(data: unknown): unknown;
}

/** Tells the opener of an event. */
export type Tell = (event: string, value: unknown) => void;

export type View = (desk: Desk, request: ViewRequest, tell: Tell) => Promise<string | OpenedView>;
