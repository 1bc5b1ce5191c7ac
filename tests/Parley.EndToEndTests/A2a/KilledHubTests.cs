using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>A hub that is killed with -9 amid many sends, and started again on its data: nothing is lost, nothing is handled twice.</summary>
public sealed class KilledHubTests
{
    private const int Pairs = 5;
    private const int SendsEach = 200;
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<string, int> _handled = new();

    [Fact]
    public async Task Every_message_is_handled_once_and_answered_or_reported()
    {
        await using var hub = await HubProcess.StartAsync("--grpc", "http://127.0.0.1:0", "--pair-rate", "0");
        var (http, grpc) = (hub.ReadFile("http").GetString()!, hub.ReadFile("grpc").GetString()!);
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await using var clients = new Clients();
        for (var pair = 0; pair < Pairs; pair++)
        {
            await ParleyProgram.RunWithInputAsync(hub.HomeOf($"s{pair}"), join, "join", "-", "--name", $"s{pair}");
            await ParleyProgram.RunWithInputAsync(hub.HomeOf($"r{pair}"), join, "join", "-", "--name", $"r{pair}");
            await clients.ListenAsync(hub.HomeOf($"r{pair}"), Count);
        }

        var sending = Enumerable.Range(0, Pairs).Select(pair => SendAllAsync(clients, hub.HomeOf($"s{pair}"), pair)).ToList();
        await Deadline.UntilAsync(() => _handled.Count > Pairs * SendsEach / 4, "a quarter of the messages");
        hub.Process.Kill();
        await hub.Process.WaitForExitAsync();
        await using var again = ParleyProgram.Start(hub.HomeOf("operator"), "hub", "--data", hub.Data, "--listen", http, "--grpc", grpc, "--pair-rate", "0");
        var results = (await Task.WhenAll(sending)).SelectMany(result => result).ToList();

        Assert.Equal(Pairs * SendsEach, results.Count);
        Assert.All(_handled, entry => Assert.True(entry.Value == 1, $"{entry.Key} was handled {entry.Value} times"));
        Assert.All(results, result => Assert.True(result.Result.Reply is not null, $"{result.Text}: {result.Result.Status} {result.Result.Error?.Message}"));
        Assert.All(results, result => Assert.Equal(result.Text, result.Result.Reply!.Content.ToStringUtf8()));
        Assert.All(results, result => Assert.True(_handled.ContainsKey(result.Text)));
    }

    private Task<string> Count(ResponderRequest request, CancellationToken cancellationToken)
    {
        var text = DelegateResponder.TextOf(request);
        _handled.AddOrUpdate(text, 1, (_, times) => times + 1);
        return Task.FromResult(text);
    }

    private static async Task<List<(string Text, SendResult Result)>> SendAllAsync(Clients clients, string home, int pair)
    {
        var sender = await clients.SenderAsync(home);
        var results = new ConcurrentBag<(string, SendResult)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, SendsEach),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, cancellationToken) =>
            {
                var text = $"{pair}-{number}";
                results.Add((text, await sender.SendAsync($"r{pair}", TestSender.Text(text), null, cancellationToken)));
            });
        return [.. results];
    }

    /// <summary>Links of this process to the hub's process.</summary>
    private sealed class Clients : IAsyncDisposable
    {
        private readonly List<IAsyncDisposable> _open = [];

        public async Task<Sender> SenderAsync(string home)
        {
            var sender = new Sender(TimeProvider.System, RandomNumberGenerator.Fill);
            var link = Link(home, SessionRole.Caller, sender);
            sender.Use(link);
            link.Start();
            await link.WaitConnectedAsync(CancellationToken.None);
            return sender;
        }

        public async Task ListenAsync(string home, Func<ResponderRequest, CancellationToken, Task<string>> answer)
        {
            var policy = new ResponderPolicy { Senders = SenderPolicy.Everyone, Concurrency = AtOnce };
            var pipeline = new ResponderPipeline(DelegateResponder.OfText(answer), policy, TimeProvider.System, NullLogger<ResponderPipeline>.Instance);
            var journal = SqliteJournal.Open(Path.Combine(home, SqliteJournal.FileName), Durability.Full, TimeProvider.System, NullLogger.Instance);
            var listener = new Listener(
                journal, pipeline, new TestDesk(), new ListenerOptions(false), TimeProvider.System, RandomNumberGenerator.Fill, NullLogger<Listener>.Instance);
            lock (_open)
            {
                _open.Add(journal);
                _open.Add(pipeline);
            }

            var link = Link(home, SessionRole.Listen, listener);
            await listener.UseAsync(link, CancellationToken.None);
            link.Start();
            await link.WaitConnectedAsync(CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var part in Enumerable.Reverse(_open))
            {
                await part.DisposeAsync();
            }
        }

        private HubLink Link(string path, SessionRole role, ILinkEvents events)
        {
            var home = HomeFolder.Open(path, _ => null);
            var profile = HubProfile.Load(home);
            var options = new HubLinkOptions { Role = role, MaxBackoff = TimeSpan.FromMilliseconds(500) };
            var link = new HubLink(
                options, new GrpcLinkDialer(profile), profile, HomeIdentity.Load(home), events, TimeProvider.System, RandomNumberGenerator.Fill, NullLogger.Instance);
            lock (_open)
            {
                _open.Add(link);
            }

            return link;
        }
    }
}
