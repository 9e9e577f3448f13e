// How the type of a call's result reads its options. They are inferred as they are written; what is not written as a literal
// is known by its type alone, and what may be absent may be the default as well.

/** `unknown` where options have known names only; otherwise the sentence that the editor shows. */
export type NamesOf<O, Options> = [Exclude<keyof O, keyof Options>] extends [never]
  ? unknown
  : `there is no option ${Exclude<keyof O, keyof Options> & string}`;

/** The value of one option, `Default` where it is left out; both where it may be. */
export type Option<O, K extends PropertyKey, Default> = K extends keyof O
  ? object extends Pick<O, K>
    ? Exclude<O[K], undefined> | Default
    : WithDefault<O[K], Default>
  : Default;

type WithDefault<V, Default> = V extends undefined ? Default : V;
