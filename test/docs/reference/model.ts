// What the reference knows of an export, before it is printed.

/** One line of a table: an option, or a member of a type. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly text: string;
}

/** What a call is given and gives. */
export interface Parameter {
  readonly name: string;
  readonly text: string;
}

/** The members of an argument that is an object of settings. */
export interface Options {
  readonly argument: string;
  /** The exported type that has these members; absent: a type without a name. */
  readonly type: string | undefined;
  readonly fields: readonly Field[];
  /** Those that the exported type has not. */
  readonly extra: readonly Field[];
}

export interface ExampleText {
  /** Empty where there is no fence of code. */
  readonly code: string;
  /** "page": it needs what a page alone has, and is compiled, not run. */
  readonly where: "anywhere" | "page";
}

export interface Exported {
  /** The entry that it is documented under. */
  readonly entry: string;
  /** Further entries that export the same. */
  readonly also: readonly string[];
  readonly name: string;
  /** The name, and where entries have different exports of one name the entry too. */
  readonly title: string;
  readonly kind: "function" | "value" | "class" | "type";
  /** The file that declares it, from the root. */
  readonly file: string;
  /** As the editor shows them, types that only the editor needs left out. */
  readonly signatures: readonly string[];
  /** The names of the arguments, of each signature. */
  readonly calls: readonly (readonly string[])[];
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly returns: string;
  readonly throws: readonly string[];
  readonly examples: readonly ExampleText[];
  /** Other exports that its text links to. */
  readonly links: readonly string[];
  readonly options: readonly Options[];
  /** Of a type or class. */
  readonly fields: readonly Field[];
  /** Exported types in its signatures, options and members. */
  readonly uses: readonly string[];
}
