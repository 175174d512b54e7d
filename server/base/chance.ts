/** A number from 0 up to 1. Everything that needs one takes it as an argument. */
export type Chance = () => number;

/** The machine's dice. */
export const systemChance: Chance = () => Math.random();
