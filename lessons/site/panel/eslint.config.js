import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    languageOptions: {
      globals: Object.fromEntries(
        ["document", "fetch", "window", "navigator", "createImageBitmap", "ImageData"].map((name) => [name, "readonly"]),
      ),
    },
  },
];
