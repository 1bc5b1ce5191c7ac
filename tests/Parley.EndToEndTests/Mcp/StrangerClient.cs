using System.Diagnostics;
using System.Text.Json;
using Parley.EndToEndTests.Grpc;

namespace Parley.EndToEndTests.Mcp;

/// <summary>A client by the protocol's own SDK, in a process of its own.</summary>
internal sealed class StrangerClient : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private StrangerClient(Process process, CancellationToken cancellationToken) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync(cancellationToken));

    /// <summary>What it learnt from the handshake and the list of tools.</summary>
    public JsonElement Seen { get; private set; }

    /// <summary>Starts it, and waits until it is connected.</summary>
    public static async Task<StrangerClient> StartAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var client = new StrangerClient(await NodeFolder.StartAsync("mcp-client.mjs", cancellationToken, arguments), cancellationToken);
        client.Seen = await client.ReadAsync(cancellationToken);
        return client;
    }

    /// <summary>Calls a tool.</summary>
    public async Task<JsonElement> CallAsync(string tool, string arguments, CancellationToken cancellationToken, bool hasProgress = false)
    {
        await _process.StandardInput.WriteLineAsync($$"""{"tool":"{{tool}}","arguments":{{arguments}},"progress":{{(hasProgress ? "true" : "false")}}}""".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>The blocks of a result.</summary>
    public async Task<string[]> BlocksAsync(string tool, string arguments, CancellationToken cancellationToken) =>
        [.. (await CallAsync(tool, arguments, cancellationToken)).GetProperty("text").EnumerateArray().Select(block => block.GetString()!)];

    /// <summary>Lets it end by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<JsonElement> ReadAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line ? JsonElement.Parse(line) : throw new InvalidOperationException(await _errors);
}
