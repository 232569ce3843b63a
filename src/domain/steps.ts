/** Long work of which a step takes about a millisecond: others have their turns in between. */
export type Steps<Result> = Generator<undefined, Result, undefined>;
