// Writes plain data as block YAML: texts in double quotes unless they are one plain word, so any reader agrees on them.

const word = /^[a-z][a-z_-]*$/i;
const reserved = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

const scalar = (value) =>
  typeof value === "string" && word.test(value) && !reserved.test(value) ? value : JSON.stringify(value);

const isFlat = (value) => value === null || typeof value !== "object" || Object.keys(value).length === 0;

const inline = (value) => {
  if (Array.isArray(value)) return `[${value.map(scalar).join(", ")}]`;
  return value !== null && typeof value === "object" ? "{}" : scalar(value);
};

const isShortList = (value) => Array.isArray(value) && value.every((item) => isFlat(item)) && inline(value).length < 90;

const lines = (value, indent) => {
  if (Array.isArray(value)) return value.flatMap((item) => listItem(item, indent));
  return Object.entries(value).flatMap(([key, inner]) =>
    isFlat(inner) || isShortList(inner)
      ? [`${indent}${key}: ${inline(inner)}`]
      : [`${indent}${key}:`, ...lines(inner, `${indent}  `)],
  );
};

const listItem = (item, indent) => {
  if (isFlat(item)) return [`${indent}- ${scalar(item)}`];
  const [first, ...rest] = lines(item, `${indent}  `);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
};

export const toYaml = (value) => `${lines(value, "").join("\n")}\n`;
