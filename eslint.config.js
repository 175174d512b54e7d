import tseslint from 'typescript-eslint';

/** What only `server/base` may do: time, ids and randomness come in as arguments everywhere else. */
const UNSTEADY = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Take a Clock as an argument.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock as an argument.' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Take a source of ids as an argument.',
  },
  { selector: "ImportSpecifier[imported.name='randomUUID']", message: 'Take a NewId as an argument.' },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', 'fhir-profiles', 'fixtures'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: ['./tests/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always'],
    },
  },
  { files: ['server/**/*.ts'], ignores: ['server/base/**'], rules: { 'no-restricted-syntax': ['error', ...UNSTEADY] } },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
