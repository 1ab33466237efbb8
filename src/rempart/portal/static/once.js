// Something that is sent until it is answered: while it stays the same it keeps its reference, so that what was lost
// on the way and is sent again is done once.

/** Gives what is to be sent a reference; `done` when it was answered. */
export class Once {
  #unanswered = null;

  /** The reference of this message: that of the last one, if it is the same and was not answered. */
  referenceOf(message) {
    const text = JSON.stringify(message);
    if (this.#unanswered?.text !== text) this.#unanswered = { text, reference: crypto.randomUUID() };
    return this.#unanswered.reference;
  }

  done() {
    this.#unanswered = null;
  }
}
