// Starts `nightbell lsp` and lets it answer; everything that an editor shows comes from there.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate() {
  const command = workspace.getConfiguration("nightbell").get("path") || "nightbell";
  const server = { command, args: ["lsp"] };
  client = new LanguageClient("nightbell", "Nightbell", server, {
    documentSelector: [{ scheme: "file", language: "nightbell" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{bell,csv}") },
  });
  return client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
