using System.Diagnostics;
using System.Globalization;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;

namespace Parley.Benchmarks.Agents;

/// <summary>A2A's own server for node, with its tasks in memory: <c>bench/a2a-server.mjs</c>, run from a folder that has its packages.</summary>
/// <param name="folder">A folder with <c>node_modules</c>, as the end-to-end tests make one under <c>artifacts/node</c>.</param>
internal sealed class SdkAgentPeer(string folder) : IAgentPeer
{
    private const string Script = "a2a-bench-server.mjs";

    /// <summary>The peer's name.</summary>
    public const string PeerName = "a2a-js";

    private Process? _process;
    private Uri? _http;
    private Uri? _grpc;

    /// <inheritdoc/>
    public string Name => PeerName;

    /// <inheritdoc/>
    public int ProcessId => _process?.Id ?? 0;

    /// <inheritdoc/>
    public IA2aCredentials? Credentials => null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A script finds its packages beside itself.
        File.Copy(Path.Combine(AppContext.BaseDirectory, Script), Path.Combine(folder, Script), overwrite: true);
        _process = Process.Start(new ProcessStartInfo("node", [Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder })
            ?? throw new InvalidOperationException("node did not start.");
        var ports = (await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The server of A2A ended at once.")).Split(' ');
        (_http, _grpc) = (AddressOf(ports[0], "/rpc"), AddressOf(ports[1], "/"));
    }

    /// <inheritdoc/>
    public A2aEndpoint EndpointOf(A2aBinding binding) => new((binding == A2aBinding.Grpc ? _grpc : _http)!, binding, A2aVersion.V1);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    private static Uri AddressOf(string port, string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{path}"));
}
