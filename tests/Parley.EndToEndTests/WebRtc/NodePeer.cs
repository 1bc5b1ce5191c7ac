using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Parley.EndToEndTests.Grpc;
using Parley.Testing;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>The stranger: node-datachannel in a process of its own, spoken to in lines of JSON.</summary>
internal sealed class NodePeer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task _readingErrors;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<JsonElement> _lines = new();

    private NodePeer(Process process, Action<JsonElement> signal)
    {
        _process = process;
        _readingErrors = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync() is { } line)
            {
                _errors.Enqueue(line);
            }
        });
        _reading = Task.Run(async () =>
        {
            while (await process.StandardOutput.ReadLineAsync() is { } text)
            {
                var line = JsonDocument.Parse(text).RootElement;
                _lines.Enqueue(line);
                signal(line);
            }
        });
    }

    /// <summary>Begins, and signals to and from our connection.</summary>
    /// <param name="host">Ours.</param>
    /// <param name="isOfferer">The stranger makes the offer; it has to open a channel for that.</param>
    /// <param name="cancellationToken">The test's.</param>
    public static async Task<NodePeer> MeetAsync(UdpPeerHost host, bool isOfferer, CancellationToken cancellationToken)
    {
        NodePeer? peer = null;
        var process = await NodeFolder.StartAsync("data-channel.mjs", cancellationToken);
        peer = new NodePeer(process, line => OnSignal(line, host, answer => peer!.Say(new { description = answer, type = "answer" })));
        host.Beside = peer.Describe;
        host.Signal = happened =>
        {
            if (happened.Kind == PeerConnectionEventKind.LocalCandidate)
            {
                peer.Say(new { candidate = happened.Candidate!.ToString() });
            }
        };
        if (isOfferer)
        {
            peer.Say(new { open = "stranger" });
        }
        else
        {
            var offer = await host.AskAsync((connection, _) => connection.CreateOffer().ToString());
            peer.Say(new { description = offer, type = "offer" });
        }

        host.Call((connection, now) => connection.StartGathering(now));
        return peer;
    }

    public void Say(object line)
    {
        lock (_process)
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(line));
            _process.StandardInput.Flush();
        }
    }

    /// <summary>Waits for a line with this name.</summary>
    public async Task<JsonElement> HearAsync(string name, Func<JsonElement, bool>? isIt = null, Func<string>? state = null)
    {
        bool Is(JsonElement line) => line.TryGetProperty(name, out _) && isIt?.Invoke(line) != false;
        await Deadline.UntilAsync(() => _lines.Any(Is), () => $"{name} of the stranger; {state?.Invoke() ?? Describe()}");
        return _lines.First(Is);
    }

    private string Describe() =>
        $"the stranger {(_process.HasExited ? $"ended with {_process.ExitCode}" : "runs")}, reading it {_reading.Status} {_reading.Exception?.InnerException?.Message}, "
        + $"said {string.Join(' ', _lines.Select(line => line.TryGetProperty("type", out var type) ? $"{type}" : $"{line}"))} and {string.Join(" | ", _errors)}";

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        await _reading;
        await _readingErrors;
        _process.Dispose();
    }

    private static void OnSignal(JsonElement line, UdpPeerHost host, Action<string> answer)
    {
        if (line.TryGetProperty("description", out var text))
        {
            Assert.True(SdpReader.TryRead(text.GetString()!, out var description, out var reason), reason);
            if (line.GetProperty("type").GetString() == "answer")
            {
                host.Call((connection, now) => connection.AcceptAnswer(description, now));
            }
            else
            {
                host.Call((connection, now) => answer(connection.AcceptOffer(description, now).ToString()));
            }
        }
        else if (line.TryGetProperty("candidate", out var candidate) && IceCandidate.TryParse(candidate.GetString(), out var parsed, out _))
        {
            host.Call((connection, now) => connection.AddRemoteCandidate(parsed, now));
        }
    }
}
