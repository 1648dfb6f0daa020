import { createTheme, type MantineColorsTuple, Modal } from '@mantine/core';

const accent: MantineColorsTuple = [
  '#e9effe',
  '#d0ddfb',
  '#b0c7fb',
  '#9abafd',
  '#82aaff',
  '#5f8ff5',
  '#3666cc',
  '#2353c9',
  '#1f49b0',
  '#183a8c',
];
/** Mantine's dark ladder, set to the tokens of theme.css: text at 0, lines at 4, inputs at 6, ground at 7. */
const dark: MantineColorsTuple = [
  '#e6eaf0',
  '#c4ccd6',
  '#98a3b2',
  '#8792a1',
  '#343d4a',
  '#222933',
  '#1a1f27',
  '#13171d',
  '#0e1116',
  '#090b0e',
];

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '6px', md: '8px', lg: '10px', xl: '16px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: { Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }) },
});
