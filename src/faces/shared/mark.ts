/** The logo: the lines of a list and a dot for unread items. */
export const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" role="img" aria-label="Tidings">
<rect width="32" height="32" rx="8" fill="#3b5bdb"/>
<path d="M8 11.5h8M8 17h16M8 22.5h11" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>
<circle cx="22.5" cy="10.5" r="3.5" fill="#ffd43b"/>
</svg>`;

/** The logo as an icon of 32 pixels, for browsers that do not support SVG icons. */
export const markIcon = Buffer.from(
  'AAABAAEAICAAAAEAIADSAgAAFgAAAIlQTkcNChoKAAAADUlIRFIAAAAgAAAAIAgGAAAAc3p69AAAAodJREFUeJzEl0toU0EUhv9zcxNaFCv2ES2Cr0gfIDUFwSb1AQqCuPAB4gtbdeVCXQjuiri06sqdWnQRS4sLkUI3KmK1xApi4sKiKY1ubJoQIUWpedyMZ1Isl8SkSXNz80GSM3dmOP/MmXsmR0UW7tOBnUKIcyC0cbOdQPUoAwER5Z/PxB+AHo0/3vpO30//jL29wZpEUrtBQlzlpxZUAgFNALfjKx19H+5RclFA95npDiFSw9xsgSkIP5Ha89az2a/IZjqtnTTPuYQ6Fnyy1XViykUW8Ya3QoGJcCjSClk6VcWSPss6THUukQvmsF9U2d6OKiEEtaryiwgGIXC08yUOO1+heXUEobl6jPj3YPj9AeheOD2tKjuvg0Ec3/Ecl/cPLrY3Nszg0r4hWC0peLyHcsazb7uhsZcrL+W5RM3bwano2oUmrGu0ohAzkST6B8JIacDaush/x6xZEUPJAlo21eDg7lVYCmdbLZ6+iGFyOo6fv+tYRDRnTCjWiJIFfAn+wejYXFE7EPgez9ijn7pxfteznDFjX5155xNfPgIGUWudR497BG6Hn9+CMK+8ARPBbbj/+gjmk7WVF7Ac1EKd9noVzU2FQ7AUP8JJzEZTKFnAersVQ3c2wAiOXfmWV0ReASnNnMgUPANVDYFETiw02QhMv4azKTsV69Gn5bIFFJuK9ejTctkCik3FevRpuVjIdSoQkvcyqoAQmJWH0Ifq4au+AA3KAJdiCZiNEL+EQg+UicEtAUF0HWZD1Of1OKYyicibcNziA/ERJsE77htPOO5KeyETPiHNZlNdLOKmLCBRKTLFKfXbbNYu6VM+yvmzLstzHtnLN1Q7DCzP2ZgkoofZ5flfAAAA//++eMzvAAAABklEQVQDAKdp+wWm+naEAAAAAElFTkSuQmCC',
  'base64',
);
