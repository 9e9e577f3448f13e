// The signatures of public functions, as the TypeScript checker sees them: what stands by itself, and what an options object has.

import { fileURLToPath } from "node:url";
import { Node, Project, type Signature, type SourceFile, type Symbol as Name, type Type } from "ts-morph";

export interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  /** `...parameters`: as many as there are. */
  readonly isRest: boolean;
  /** True for a flag or words: what says nothing where it stands by itself. */
  readonly isWord: boolean;
  /** The members of an object of the caller's own, which neither the library made nor is a tensor, a list or a function. */
  readonly members: readonly Member[] | undefined;
}

export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isWord: boolean;
}

export interface PublicFunction {
  readonly name: string;
  /** What a caller may write: the overloads, or the one signature. */
  readonly overloads: readonly (readonly Parameter[])[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The functions that a file exports, or hands on from other files. */
function signaturesOf(file: SourceFile): PublicFunction[] {
  return [...file.getExportedDeclarations()].flatMap(([name, [declaration]]) => {
    if (declaration === undefined || Node.isClassDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration)) {
      return [];
    }
    if (Node.isInterfaceDeclaration(declaration)) return [];
    const signatures = declaration.getType().getCallSignatures();
    if (signatures.length === 0) return [];
    return [{ name, overloads: signatures.map((signature) => parametersOf(signature, declaration)) }];
  });
}

/** The functions of the language, of `tapeless/train`, `tapeless/data` and `tapeless/page`. */
export function publicFunctions(): PublicFunction[] {
  const project = new Project({ tsConfigFilePath: `${root}tsconfig.json`, skipAddingFilesFromTsConfig: true });
  return ["src/index.ts", "src/train/index.ts", "src/data/index.ts", "src/page/index.ts"].flatMap((path) =>
    signaturesOf(project.addSourceFileAtPath(`${root}${path}`)),
  );
}

/** The functions of a text, for controls. */
export function functionsOf(text: string): PublicFunction[] {
  const project = new Project({ tsConfigFilePath: `${root}tsconfig.json`, skipAddingFilesFromTsConfig: true });
  return signaturesOf(project.createSourceFile(`${root}test/ops/control.ts`, text));
}

function parametersOf(signature: Signature, at: Node): Parameter[] {
  return signature.getParameters().map((parameter) => {
    const declared = parameter.getValueDeclaration();
    const written = Node.isParameterDeclaration(declared) ? declared : undefined;
    return {
      name: parameter.getName(),
      isOptional: written?.isOptional() ?? false,
      isRest: written?.isRestParameter() ?? false,
      isWord: isWord(parameter.getTypeAtLocation(at)),
      members: membersOf(parameter.getTypeAtLocation(at), at),
    };
  });
}

function membersOf(given: Type, at: Node): Member[] | undefined {
  const type = boundOf(given);
  const parts = type.isUnion() ? type.getUnionTypes() : [type];
  const objects = parts.filter(isOwnObject);
  if (objects.length === 0) return undefined;
  const names = new Map(objects.flatMap((object) => object.getProperties()).map((one) => [one.getName(), one]));
  return [...names.values()].map((member) => memberOf(member, at));
}

const memberOf = (member: Name, at: Node): Member => ({
  name: member.getName(),
  isOptional: member.isOptional(),
  isWord: isWord(member.getTypeAtLocation(at)),
});

function isWord(given: Type): boolean {
  const type = boundOf(given);
  if (type.isUnion()) return type.getUnionTypes().every(isWord);
  return type.isString() || type.isStringLiteral() || type.isBoolean() || type.isBooleanLiteral();
}

/** What a type is at most, a type parameter being its constraint. */
function boundOf(given: Type): Type {
  const bare = given.getNonNullableType();
  return bare.isTypeParameter() ? (bare.getConstraint() ?? bare).getNonNullableType() : bare;
}

/** What the library makes says so by its `kind`; a tensor has the record of its op. */
function isOwnObject(type: Type): boolean {
  if (!type.isObject() && !type.isIntersection()) return false;
  if (type.isArray() || type.isTuple() || type.isReadonlyArray() || type.getCallSignatures().length > 0) return false;
  const has = (name: string): boolean => type.getProperty(name) !== undefined;
  // What a number could be too has the methods of numbers.
  return !["def", "kind", "length", "valueOf"].some(has);
}
