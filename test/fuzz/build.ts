// From a sketch to the network that it describes, by calling the language.

import type { Network } from "../../src/graph/network.js";
import * as tapeless from "../../src/index.js";
import {
  isCall,
  isLambda,
  isList,
  isNamed,
  isOptions,
  isRef,
  type Arg,
  type Call,
  type Pattern,
  type Sketch,
  type Step,
} from "./sketch.js";

type AnyFunction = (...args: readonly unknown[]) => unknown;

/** What the calls of a sketch are calls of: the exports, some of which may be others. */
export type Language = Readonly<Record<string, AnyFunction>>;

/** The exports that are called, whatever their types say: sketches are typed by what builds. */
export const api = tapeless as unknown as Language;

export type Scope = Map<number, unknown>;

/** The value of an argument, steps having those of the scope. */
export function valueOf(arg: Arg, scope: Scope, language: Language = api): unknown {
  if (isList(arg)) return arg.map((item) => valueOf(item, scope, language));
  if (isRef(arg))
    return (arg.path ?? []).reduce((value, key) => (value as Record<string, unknown>)[key], scope.get(arg.$ref));
  if (isNamed(arg)) return language[arg.$fn];
  if (isCall(arg)) return callOf(arg, scope, language);
  if (isLambda(arg)) {
    return (...given: readonly unknown[]) => {
      arg.$lambda.forEach((pattern, i) => bindPattern(pattern, given[i], scope));
      for (const step of arg.body) scope.set(step.id, stepValue(step, scope, language));
      return valueOf(arg.result, scope, language);
    };
  }
  if (isOptions(arg))
    return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, valueOf(value, scope, language)]));
  return arg;
}

export function bindPattern(pattern: Pattern, value: unknown, scope: Scope): void {
  if (typeof pattern === "number") scope.set(pattern, value);
  else pattern.forEach((part, i) => bindPattern(part, (value as readonly unknown[])[i], scope));
}

const callOf = ({ $call, args }: Call, scope: Scope, language: Language): unknown => {
  const callee = typeof $call === "string" ? language[$call]! : (valueOf($call, scope, language) as AnyFunction);
  return callee(...args.map((arg) => valueOf(arg, scope, language)));
};

export const stepValue = ({ call, args }: Step, scope: Scope, language: Language = api): unknown =>
  callOf({ $call: call, args }, scope, language);

/** Throws what the language throws. */
export function build(sketch: Sketch): Network {
  const scope: Scope = new Map();
  for (const step of sketch.steps) scope.set(step.id, stepValue(step, scope));
  return networkOf(sketch, scope);
}

export function networkOf({ capacity, outputs, training, metrics, entries }: Sketch, scope: Scope): Network {
  const value = (arg: Arg): unknown => valueOf(arg, scope);
  const each = (record: Readonly<Record<string, Arg>>): unknown => value(record as Arg);
  const steps = Object.entries(training);
  const [only] = steps;
  const trained =
    steps.length === 0
      ? {}
      : steps.length === 1 && only![0] === "step" && only![1].parameters === undefined
        ? { loss: value(only![1].loss), optimizer: value(only![1].optimizer) }
        : {
            steps: Object.fromEntries(
              steps.map(([name, { loss, optimizer, parameters }]) => [
                name,
                {
                  loss: value(loss),
                  optimizer: value(optimizer),
                  ...(parameters !== undefined && { parameters: value(parameters) }),
                },
              ]),
            ),
          };
  const measured = Object.keys(metrics).length > 0 ? { metrics: each(metrics) } : {};
  const given = Object.keys(outputs).length > 0 ? { outputs: each(outputs) } : {};
  const named = Object.entries(entries).map(([name, own]) => [name, { outputs: each(own) }] as const);
  const called = named.length > 0 ? { entries: Object.fromEntries(named) } : {};
  return api["network"]!("fuzz", { batch: capacity, ...given, ...trained, ...measured, ...called }) as Network;
}
