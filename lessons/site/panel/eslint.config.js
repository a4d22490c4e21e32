import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    languageOptions: {
      globals: Object.fromEntries(
        ["document", "fetch", "window", "navigator", "performance", "createImageBitmap", "ImageData", "Option"].map((name) => [name, "readonly"]),
      ),
    },
  },
];
