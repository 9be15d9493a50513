"""The tables of equivalents: which npm package holds what a well-known address serves."""

from __future__ import annotations

# Hosts that serve the same files under another name.
SAME_HOST = {
    "unpkg.io": "unpkg.com",
    "npmcdn.com": "unpkg.com",
    "fastly.jsdelivr.net": "cdn.jsdelivr.net",
    "esm.run": "cdn.jsdelivr.net",
    "www.unpkg.com": "unpkg.com",
    "rawgit.com": "cdn.rawgit.com",
    "rawcdn.githack.com": "cdn.rawgit.com",
    "raw.githack.com": "cdn.rawgit.com",
    "netdna.bootstrapcdn.com": "maxcdn.bootstrapcdn.com",
    "stackpath.bootstrapcdn.com": "maxcdn.bootstrapcdn.com",
    "www.threejs.org": "threejs.org",
    "lib.imjoy.io": "static.imjoy.io",
    "cdn.pydata.org": "cdn.bokeh.org",
}
# Where the query says which file is meant; elsewhere it only defeats caches.
HOSTS_WITH_QUERY = frozenset({"fonts.googleapis.com"})
# `ajax/libs/NAME/VERSION/PATH`
LIBRARY_HOSTS = frozenset({"cdnjs.cloudflare.com", "ajax.googleapis.com", "cdn.bootcss.com"})
# `USER/REPOSITORY/REVISION/PATH`
COMMIT_HOSTS = frozenset({"cdn.rawgit.com", "raw.githubusercontent.com", "gitcdn.xyz"})
# Every host that a frame asks the mirror for first; `*.` stands for any name below.
MIRRORED_HOSTS = (
    "cdn.jsdelivr.net",
    "unpkg.com",
    "cdnjs.cloudflare.com",
    "ajax.googleapis.com",
    "cdn.bootcss.com",
    "cdn.rawgit.com",
    "gitcdn.xyz",
    "static.imjoy.io",
    "cdn.plot.ly",
    "code.jquery.com",
    "d3js.org",
    "threejs.org",
    "blockly-demo.appspot.com",
    "maxcdn.bootstrapcdn.com",
    "use.fontawesome.com",
    "www.w3schools.com",
    "fonts.googleapis.com",
    "cdn.bokeh.org",
    "code.highcharts.com",
    "cdn.datatables.net",
    "vega.github.io",
    "mfglabs.github.io",
    *(host for host in SAME_HOST if host != "lib.imjoy.io"),
)

# Names of cdnjs and of Google's hosted libraries that differ from those of npm.
LIBRARY_NAMES = {
    "ace": ["ace-builds"],
    "angular.js": ["angular"],
    "angularjs": ["angular"],
    "babel-standalone": ["@babel/standalone", "babel-standalone"],
    "backbone.js": ["backbone"],
    "bodymovin": ["lottie-web"],
    "chart.js": ["chart.js"],
    "codemirror": ["codemirror"],
    "cropper": ["cropper", "cropperjs"],
    "d3js": ["d3"],
    "dat-gui": ["dat.gui"],
    "fabric.js": ["fabric"],
    "filesaver.js": ["file-saver"],
    "font-awesome": ["font-awesome", "@fortawesome/fontawesome-free"],
    "gsap": ["gsap"],
    "hammer.js": ["hammerjs"],
    "handlebars.js": ["handlebars"],
    "highlight.js": ["@highlightjs/cdn-assets", "highlightjs", "highlight.js"],
    "html2canvas": ["html2canvas"],
    "interact.js": ["interactjs"],
    "jquery": ["jquery"],
    "jqueryui": ["jquery-ui-dist", "jquery-ui"],
    "katex": ["katex"],
    "leaflet.draw": ["leaflet-draw"],
    "leaflet.markercluster": ["leaflet.markercluster"],
    "lodash.js": ["lodash"],
    "materialize": ["materialize-css"],
    "mathjax": ["mathjax"],
    "moment.js": ["moment"],
    "mustache.js": ["mustache"],
    "normalize": ["normalize.css"],
    "nouislider": ["nouislider"],
    "openlayers": ["openlayers", "ol"],
    "openseadragon": ["openseadragon"],
    "p5.js": ["p5"],
    "papaparse": ["papaparse"],
    "plotly.js": ["plotly.js-dist-min", "plotly.js-dist", "plotly.js"],
    "pixi.js": ["pixi.js"],
    "popper.js": ["popper.js", "@popperjs/core"],
    "prism": ["prismjs"],
    "require.js": ["requirejs"],
    "semantic-ui": ["semantic-ui-css"],
    "sigma.js": ["sigma"],
    "socket.io": ["socket.io-client"],
    "sortable": ["sortablejs"],
    "spark-md5": ["spark-md5"],
    "swiper": ["swiper"],
    "tensorflow": ["@tensorflow/tfjs"],
    "three.js": ["three"],
    "threejs": ["three"],
    "toastr.js": ["toastr"],
    "twitter-bootstrap": ["bootstrap"],
    "underscore.js": ["underscore"],
    "upng-js": ["upng-js"],
    "vue-material": ["vue-material"],
}

# Repositories on GitHub whose package has another name.
REPOSITORIES = {
    "photopea/utif.js": "utif",
    "photopea/upng.js": "upng-js",
    "satazor/js-spark-md5": "spark-md5",
    "dataarts/dat.gui": "dat.gui",
    "stuk/jszip": "jszip",
    "mrdoob/three.js": "three",
    "karpathy/tsnejs": "tsne",
    "imagej/imagej.js": "imagej.js",
    "eligrey/filesaver.js": "file-saver",
    "nodeca/pako": "pako",
}

# An address (a pattern over `host/path?query`) and the files that may stand for it, best first.
FIXED: list[tuple[str, list[tuple[str, str, str]]]] = [
    (
        r"cdn\.plot\.ly/plotly-latest(?P<min>\.min)?\.js",
        # The address stopped moving at 1.58.5.
        [
            ("plotly.js-dist-min", "1.58.5", "plotly.min.js"),
            ("plotly.js-dist", "1.58.5", "plotly.js"),
        ],
    ),
    (
        r"cdn\.plot\.ly/plotly-(?P<v>\d[^/]*?)(?P<min>\.min)?\.js",
        [
            ("plotly.js-dist-min", "{v}", "plotly.min.js"),
            ("plotly.js-dist", "{v}", "plotly.js"),
            ("plotly.js", "{v}", "dist/plotly{min}.js"),
        ],
    ),
    (
        r"code\.jquery\.com/jquery-(?P<v>\d+\.\d+\.\d+)(?P<kind>[\w.]*)\.js",
        [("jquery", "{v}", "dist/jquery{kind}.js")],
    ),
    (
        r"code\.jquery\.com/jquery-latest(?P<min>\.min)?\.js",
        [("jquery", "1.11.1", "dist/jquery{min}.js")],
    ),
    (
        r"code\.jquery\.com/ui/(?P<v>[\d.]+)/(?P<path>.+)",
        [("jquery-ui-dist", "{v}", "{path}"), ("jquery-ui", "{v}", "{path}")],
    ),
    (
        r"d3js\.org/d3\.v(?P<v>\d+)(?P<min>\.min)?\.js",
        [("d3", "{v}", "dist/d3{min}.js"), ("d3", "{v}", "d3{min}.js")],
    ),
    (
        r"d3js\.org/d3-(?P<part>[\w-]+)\.v(?P<v>\d+)(?P<min>\.min)?\.js",
        [("d3-{part}", "{v}", "dist/d3-{part}{min}.js")],
    ),
    # The scripts below examples/js, which old plugins use, were dropped after this release.
    (r"threejs\.org/(?P<path>(?:build|examples)/.+)", [("three", "0.92.0", "{path}")]),
    # The release of that time in which the files have the names that they have there.
    (
        r"blockly-demo\.appspot\.com/static/msg/js/(?P<path>.+)",
        [("blockly", "3.20200924.4", "msg/{path}")],
    ),
    (
        r"blockly-demo\.appspot\.com/static/(?P<path>.+)",
        [("blockly", "3.20200924.4", "{path}"), ("blockly", "1.0.0", "{path}")],
    ),
    (
        r"maxcdn\.bootstrapcdn\.com/bootstrap/(?P<v>[^/]+)/(?P<path>.+)",
        [("bootstrap", "{v}", "dist/{path}")],
    ),
    (
        r"maxcdn\.bootstrapcdn\.com/font-awesome/(?P<v>[^/]+)/(?P<path>.+)",
        [("font-awesome", "{v}", "{path}")],
    ),
    (
        r"maxcdn\.bootstrapcdn\.com/bootswatch/(?P<v>[^/]+)/(?P<path>.+)",
        [("bootswatch", "{v}", "{path}")],
    ),
    (
        r"use\.fontawesome\.com/releases/v(?P<v>[^/]+)/(?P<path>.+)",
        [("@fortawesome/fontawesome-free", "{v}", "{path}")],
    ),
    (r"www\.w3schools\.com/w3css/(?:(?P<v>\d+)/)?w3\.css", [("w3-css", "4", "w3.css")]),
    (r"static\.imjoy\.io/spectre\.css/(?P<path>.+)", [("spectre.css", "0.5.9", "dist/{path}")]),
    (r"static\.imjoy\.io/(?:js|lib)/UTIF\.js", [("utif", "3.1.0", "UTIF.js")]),
    (
        (
            r"static\.imjoy\.io/(?:js/|lib/)?(?:[\w.-]+/)?"
            r"(?P<name>vue|jquery|axios|lodash|papaparse|jszip|pako|marked)(?P<min>\.min)?\.js"
        ),
        [("{name}", "latest", "dist/{name}{min}.js")],
    ),
    (
        r"vega\.github\.io/schema/(?P<name>vega|vega-lite)/v(?P<v>[\d.]+)\.json",
        [("{name}", "{v}", "build/{name}-schema.json")],
    ),
    (
        r"vega\.github\.io/(?P<name>vega|vega-lite|vega-embed)/(?P<path>vega[\w.-]*\.js)",
        [("{name}", "latest", "build/{path}")],
    ),
    (
        r"fonts\.googleapis\.com/icon\?family=Material\+Icons.*",
        [("material-icons", "1", "iconfont/material-icons.css")],
    ),
    (
        (
            r"fonts\.googleapis\.com/css2?\?family=(?P<name>Roboto|Lato|Montserrat|Oswald|Raleway|Ubuntu"
            r"|Nunito|Inter|Poppins)(?:[^a-zA-Z+].*)?"
        ),
        [("@fontsource/{name}", "latest", "index.css")],
    ),
    (
        (
            r"cdn\.bokeh\.org/bokeh/(?:release|dev)/(?P<name>bokeh[a-z-]*?)"
            r"-(?P<v>\d[\d.]*\d)(?P<min>\.min)?\.(?P<end>js|css)"
        ),
        [
            ("@bokeh/bokehjs", "{v}", "build/{end}/{name}{min}.{end}"),
        ],
    ),
    (
        r"code\.highcharts\.com/(?:(?P<v>\d[\d.]*)/)?(?P<path>.+\.(?:js|css))",
        [("highcharts", "{v}", "{path}")],
    ),
    (
        r"cdn\.datatables\.net/(?P<v>\d[\d.]*)/(?P<path>js/.+)",
        [("datatables.net", "{v}", "{path}")],
    ),
    (
        r"cdn\.datatables\.net/(?P<v>\d[\d.]*)/(?P<path>css/.+)",
        [("datatables.net-dt", "{v}", "{path}")],
    ),
]

# Hosts (and those below them) of which it is known why they cannot be mirrored.
NOT_IN_NPM = {
    "static.imjoy.io": "This file was on ImJoy's own host and is in no npm package.",
    "esm.sh": "This host makes its modules when they are asked for; name a file of the package "
    "on cdn.jsdelivr.net/npm instead.",
    "cdn.skypack.dev": "This host made its modules when they were asked for; name a file of the "
    "package on cdn.jsdelivr.net/npm instead.",
    "fonts.gstatic.com": "Single font files of Google are in no npm package.",
    "www.gstatic.com": "Google's hosted charts are in no npm package.",
    "cdn.jsdelivr.net": "Only its addresses below /npm/, /gh/ and /pyodide/ are known.",
}
