using System.Diagnostics;
using Parley.Benchmarks.Peers;
using Parley.Client.Journal;
using Parley.Client.Responders;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;

namespace Parley.Benchmarks.Agents;

/// <summary>A hub and, in this process, one whole listener behind it. Tasks are stored as by default; the limit of calls is lifted.</summary>
/// <param name="program">The built <c>parley</c>.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="durability">What a commit of the hub survives: <c>full</c> a power cut, <c>normal</c> a killed process.</param>
/// <param name="responder">Who answers; null sends the text back.</param>
/// <param name="concurrency">Messages that it works on at once.</param>
internal sealed class HubAgentPeer(string program, TimeProvider timeProvider, string durability = "full", IResponder? responder = null, int concurrency = 16) : IAgentPeer
{
    private const string Agent = "bench";

    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _http = ServerProcess.FreePort();
    private readonly int _grpc = ServerProcess.FreePort();
    private ParleyHomes? _homes;
    private ParleyListener? _listener;

    /// <inheritdoc/>
    public string Name => durability == "full" ? "parley" : $"parley-{durability}";

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public IA2aCredentials? Credentials { get; private set; }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string[] options = ["--listen", HubServer.Address("http", _http), "--grpc", HubServer.Address("http", _grpc), "--message-log", "off", "--durability", durability, "--limit", "agent-calls=100000000", "--limit", "budget-messages=0"];
        await HubServer.StartAsync(_server, program, _http, options, timeProvider, cancellationToken);
        var data = HubServer.DataOf(_server);
        _homes = new ParleyHomes(Path.Combine(_server.Folder, "homes"), await ParleyHomes.MakeJoinStringAsync(program, data, cancellationToken), usesWebSocket: false, timeProvider);
        var home = await _homes.EnsureAsync(Agent, cancellationToken);
        _listener = await ParleyListener.ConnectAsync(home, new MemoryJournal(timeProvider), timeProvider, cancellationToken, responder, concurrency);
        Key = await MakeKeyAsync(data, cancellationToken);
        Credentials = new AnyHost(A2aCredential.Bearer(Key));
    }

    /// <summary>The key that calls show.</summary>
    public string Key { get; private set; } = string.Empty;

    /// <summary>Where the hub's HTTP is.</summary>
    public Uri Http => new(HubServer.Address("http", _http));

    /// <summary>The agent's name.</summary>
    public static string AgentName => Agent;

    /// <inheritdoc/>
    public A2aEndpoint EndpointOf(A2aBinding binding) => binding == A2aBinding.Grpc
        ? new A2aEndpoint(new Uri(HubServer.Address("http", _grpc)), binding, A2aVersion.V1, Agent)
        : new A2aEndpoint(new Uri($"{HubServer.Address("http", _http)}/agents/{Agent}"), binding, A2aVersion.V1);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _homes?.Dispose();
        await _server.DisposeAsync();
    }

    private async Task<string> MakeKeyAsync(string data, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["admin", "--data", data, "keys", "create", "--scope", "messages"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"parley admin keys create failed: {await errors}");
    }

    /// <summary>Both ports of the hub are the same host to nobody but us.</summary>
    private sealed class AnyHost(A2aCredential credential) : IA2aCredentials
    {
        public ValueTask<A2aCredential?> FindAsync(Uri address, CancellationToken cancellationToken) => new(credential);
    }
}
