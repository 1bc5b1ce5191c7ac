using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>A marker in all that two machines tell each other, and a search for it in everything that hub and clients write, at their most talkative.</summary>
public sealed class PrivacyProcessTests
{
    /// <summary>An address that a candidate names, and that nothing else has.</summary>
    private const string Address = "203.0.113.77";

    private static readonly Dictionary<string, string?> _talkative = new() { ["PARLEY_LOG"] = "trace" };
    private static readonly string[] _levels = ["trace ", "debug ", "information ", "warning ", "error ", "critical "];

    [Fact]
    public async Task What_machines_tell_each_other_is_in_no_log_no_metric_and_no_page_of_the_hubs_store()
    {
        var marker = "mk" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        await using var hub = await TwoHomes.StartWithAsync(_talkative, "--stun-port", "0");
        var logs = new StringBuilder();

        await SendAsync(hub, marker, logs);
        await ChatAsync(hub, marker, logs);
        await CallAsync(hub, marker, logs);
        var metrics = await MetricsAsync(hub);
        hub.Process.Terminate();
        await hub.Process.WaitForExitAsync();

        var said = hub.Process.Output + hub.Process.Error;
        Assert.Contains("local.agent-a attached", said, StringComparison.Ordinal);
        Assert.Contains("parley_", metrics, StringComparison.Ordinal);
        Assert.Contains("Parley.Transfer", logs.ToString(), StringComparison.Ordinal);
        Assert.True(IsInFiles(hub.HomeOf("in"), marker) && IsInFiles(hub.Data, "agent-a"), "The search finds nothing where it must: it is worth nothing.");
        foreach (var secret in new[] { marker, Address })
        {
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, metrics, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, logs.ToString(), StringComparison.Ordinal);
            Assert.False(IsInFiles(hub.Data, secret), "It is in the hub's data folder.");
        }
    }

    // Over the best way, with an address that only the sealed description names.
    private static async Task SendAsync(HubProcess hub, string marker, StringBuilder logs)
    {
        var file = hub.HomeOf(marker);
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat(marker, 5000)), TestContext.Current.CancellationToken);
        await using var receiver = ParleyProgram.StartWith(hub.HomeOf("b"), _talkative, "p2p", "recv", "--once", "--yes", "-o", hub.HomeOf("in"), "--address", Address);
        await receiver.WaitForErrorAsync("listening");

        var sent = await ParleyProgram.RunWithAsync(hub.HomeOf("a"), _talkative, string.Empty, "p2p", "send", file, "agent-b", "--address", Address);

        Assert.Equal((0, 0), (sent.ExitCode, await receiver.WaitForExitAsync()));
        Assert.Contains(marker, receiver.Error, StringComparison.Ordinal);
        AddLogs(logs, sent.Error, receiver.Error);
    }

    // Through the hub, so that it carries every byte.
    private static async Task ChatAsync(HubProcess hub, string marker, StringBuilder logs)
    {
        await using var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), _talkative, "p2p", "chat", "agent-a", "--path", "relay");
        var said = await ParleyProgram.RunWithAsync(hub.HomeOf("a"), _talkative, marker + "\n", "p2p", "chat", "agent-b", "--path", "relay");
        await bob.WaitForExitAsync();

        Assert.Contains(marker, bob.Output, StringComparison.Ordinal);
        AddLogs(logs, said.Error, bob.Error);
    }

    // A session description and a candidate, which the two programs carry.
    private static async Task CallAsync(HubProcess hub, string marker, StringBuilder logs)
    {
        await using var bob = ParleyProgram.StartWith(hub.HomeOf("b"), _talkative, "p2p", "call", "--from", "agent-a", "--no-browser");
        await using var alice = ParleyProgram.StartWith(hub.HomeOf("a"), _talkative, "p2p", "call", "agent-b", "--no-browser");
        await using var bobs = await CallWindow.OpenAsync(bob);
        await using var alices = await CallWindow.OpenAsync(alice);
        await alices.WaitForAsync("peer");
        await alices.DescribeAsync($"s={marker}\\r\\nc=IN IP4 {Address}");
        var heard = await bobs.WaitForAsync("signal");
        await alices.SayAsync("""{"type":"end"}""");

        Assert.Equal((0, 0), (await alice.WaitForExitAsync(), await bob.WaitForExitAsync()));
        Assert.Contains(marker, heard.GetRawText(), StringComparison.Ordinal);
        AddLogs(logs, alice.Error, bob.Error);
    }

    /// <summary>Log lines alone: what a program tells its own user may name a file of the user's.</summary>
    private static void AddLogs(StringBuilder logs, params string[] errors)
    {
        foreach (var line in errors.SelectMany(static error => error.Split('\n')).Where(static line => _levels.Any(level => line.StartsWith(level, StringComparison.Ordinal))))
        {
            logs.Append(line).Append('\n');
        }
    }

    private static async Task<string> MetricsAsync(HubProcess hub)
    {
        using var client = new HttpClient();
        var key = await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"), TestContext.Current.CancellationToken);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
        return await client.GetStringAsync(new Uri(new Uri(hub.ReadFile("http").GetString()!), "/metrics"), TestContext.Current.CancellationToken);
    }

    private static bool IsInFiles(string folder, string text) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(path =>
        path.Contains(text, StringComparison.Ordinal) || File.ReadAllBytes(path).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
}
