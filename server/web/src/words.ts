/** How lengths, dates and values are written for people. */
import type { FieldTold } from "./app";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/London" });

/** A length: `850 m`, `2.4 km`, `12 km`. */
export function metres(length: number): string {
  if (length < 1_000) return `${Math.round(length)} m`;
  const kilometres = length / 1_000;
  return `${kilometres >= 10 ? Math.round(kilometres).toLocaleString("en-GB") : Number(kilometres.toFixed(1))} km`;
}

/** An ISO date as `21 November 2026`. Text that is none is kept. */
export function day(text: string): string {
  const found = new Date(text);
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(found.getTime()) ? DAY.format(found) : text;
}

/** `1 school`, `2,413 schools`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** Several things in a sentence: `a, b and c`. */
export function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** A value of a field: codes in words, numbers with their unit, dates as people write them. Empty for none. */
export function shown(value: unknown, field: FieldTold | undefined): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map((each) => shown(each, field)).filter(Boolean).join(", ");
  const word = field?.codes?.[String(value)];
  if (word !== undefined) return word;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") {
    if (!field?.unit) return String(value);
    return `${value.toLocaleString("en-GB", { maximumFractionDigits: 2 })}${field.unit === "%" ? "" : " "}${field.unit}`;
  }
  if (typeof value === "object") return JSON.stringify(value);
  return field?.type === "date" || field?.type === "datetime" ? day(String(value)) : String(value);
}
