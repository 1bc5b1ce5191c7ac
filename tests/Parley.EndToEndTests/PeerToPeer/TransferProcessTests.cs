using System.Security.Cryptography;
using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Files between two processes, with a hub between them that sees nothing.</summary>
public sealed class TransferProcessTests
{
    [Theory]
    [InlineData("direct")]
    [InlineData("webrtc")]
    [InlineData("relay")]
    public async Task A_folder_arrives_over_each_path_and_both_ends_report_the_same(string way)
    {
        await using var hub = await TwoHomes.StartAsync();
        var source = MakeTree(hub.HomeOf("files"), 3 << 20);
        await using var receiver = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--once", "--yes", "--json", "-o", hub.HomeOf("in"));
        await receiver.WaitForErrorAsync("listening");

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "send", source, "agent-b", "--json", "--path", way);
        var exit = await receiver.WaitForExitAsync();

        Assert.Equal((0, 0), (sent.ExitCode, exit));
        using var mine = JsonDocument.Parse(sent.Output);
        using var theirs = JsonDocument.Parse(receiver.Output);
        Assert.Equal(way, mine.RootElement.GetProperty("path").GetString());
        Assert.Equal(
            (string[])["transfer", "path", "files", "bytes", "seconds", "sha256"], mine.RootElement.EnumerateObject().Take(6).Select(member => member.Name));
        foreach (var member in (string[])["transfer", "files", "bytes", "sha256"])
        {
            Assert.Equal(mine.RootElement.GetProperty(member).ToString(), theirs.RootElement.GetProperty(member).ToString());
        }

        AssertSame(source, Path.Combine(hub.HomeOf("in"), "tree"));
    }

    [Fact]
    public async Task Standard_input_arrives_with_its_plain_hash()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var receiver = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--once", "--from", "agent-a", "-o", hub.HomeOf("in"));
        await receiver.WaitForErrorAsync("listening");

        var sent = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), "hello\n", "p2p", "send", "-", "agent-b", "--name", "greeting", "--json");
        await receiver.WaitForExitAsync();

        using var json = JsonDocument.Parse(sent.Output);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(hub.HomeOf("in"), "greeting"), TestContext.Current.CancellationToken));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("hello\n"u8)), json.RootElement.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task Nobody_to_ask_is_a_usage_error_and_a_stranger_is_declined()
    {
        await using var hub = await TwoHomes.StartAsync();
        var unattended = await ParleyProgram.RunAsync(hub.HomeOf("b"), "p2p", "recv");
        await using var receiver = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--from", "somebody-else", "-o", hub.HomeOf("in"));
        await receiver.WaitForErrorAsync("listening");
        var file = hub.HomeOf("f");
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        var listed = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "list", "--json");

        var refused = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "send", file, "agent-b");

        Assert.Equal((2, 3), (unattended.ExitCode, refused.ExitCode));
        Assert.Contains("\"online\":true", listed.Output, StringComparison.Ordinal);
        Assert.Contains("\"accepts\":[\"transfer\"]", listed.Output, StringComparison.Ordinal);
        Assert.Contains("does not want the files", refused.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(hub.HomeOf("in"), "f")));
    }

    [Fact]
    public async Task To_all_of_a_label_each_target_has_its_line_of_json_and_who_failed_an_error()
    {
        await using var hub = await TwoHomes.StartAsync();
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("c"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "agent-c", "--labels", "site=berlin");
        var file = hub.HomeOf("f");
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "send", file, "-l", "site=berlin", "--json", "--timeout", "1s");

        using var json = JsonDocument.Parse(sent.Output);
        Assert.Equal("local.agent-c", json.RootElement.GetProperty("agent").GetString());
        Assert.NotEmpty(json.RootElement.GetProperty("error").GetProperty("code").GetString()!);
        Assert.Contains("p2p recv", json.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, sent.ExitCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_random_points_either_end_goes_on_to_the_same_bytes(bool killsReceiver)
    {
        await using var hub = await TwoHomes.StartAsync();
        var source = MakeTree(hub.HomeOf("files"), 24 << 20);
        var random = new Random(20);
        for (var kill = 0; kill < (Requires.IsLongRun ? 10 : 4); kill++)
        {
            await using var receiver = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--yes", "-o", hub.HomeOf("in"));
            await receiver.WaitForErrorAsync("listening");
            await using var sender = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "send", source, "agent-b", "--limit-rate", "12MiB", "--chunk", "256KiB");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400, 1800)), TimeProvider.System, TestContext.Current.CancellationToken);
            (killsReceiver ? receiver : sender).Kill();
        }

        await using var last = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--once", "--yes", "-o", hub.HomeOf("in"));
        await last.WaitForErrorAsync("listening");
        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "send", source, "agent-b", "--chunk", "256KiB");
        await last.WaitForExitAsync();

        Assert.Equal(0, sent.ExitCode);
        AssertSame(source, Path.Combine(hub.HomeOf("in"), "tree"));
        Assert.Empty(Directory.EnumerateFiles(hub.HomeOf("in"), ".parley-*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    private static string MakeTree(string folder, int large)
    {
        var tree = Path.Combine(folder, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "sub", "empty"));
        var bytes = new byte[large];
        new Random(large).NextBytes(bytes);
        File.WriteAllBytes(Path.Combine(tree, "large.bin"), bytes);
        for (var number = 0; number < 50; number++)
        {
            File.WriteAllBytes(Path.Combine(tree, "sub", $"small-{number}"), bytes.AsSpan(number, 1000 + number).ToArray());
        }

        return tree;
    }

    private static void AssertSame(string source, string target)
    {
        var names = Names(source);
        Assert.Equal(names, Names(target));
        Assert.All(names, name => Assert.True(File.ReadAllBytes(Path.Combine(source, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(target, name))), name));
        Assert.True(Directory.Exists(Path.Combine(target, "sub", "empty")));
    }

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];
}
