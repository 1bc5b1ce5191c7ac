using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

public sealed class HubCommandTests
{
    [Fact]
    public async Task A_ready_hub_says_where_it_is_and_answers_there()
    {
        await using var hub = await HubProcess.StartAsync();
        using var client = new HttpClient();

        var health = await client.GetStringAsync(hub.ReadFile("http").GetString() + "/health");

        Assert.Equal("{\"status\":\"ok\"}", health);
        Assert.Equal(hub.Process.Id, hub.ReadFile("pid").GetInt32());
        Assert.Equal(JsonValueKind.Null, hub.ReadFile("ssh").ValueKind);
        Assert.Equal(JsonValueKind.Null, hub.ReadFile("public").ValueKind);
        Assert.StartsWith("http://127.0.0.1:", hub.ReadFile("grpc").GetString());
        Assert.True(hub.ReadFile("startedAt").TryGetDateTimeOffset(out _));
    }

    [Fact]
    public async Task A_hub_answers_at_every_address_that_it_was_given_and_commands_use_the_first()
    {
        var second = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        await using var hub = await HubProcess.StartAsync("--listen", second);
        using var client = new HttpClient();

        var first = hub.ReadFile("http").GetString()!;
        var answers = new[] { await client.GetStringAsync(first + "/health"), await client.GetStringAsync(second + "/health") };
        var join = await hub.MakeJoinStringAsync();
        var joined = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "a");

        Assert.NotEqual(second, first);
        Assert.NotEqual(second, hub.ReadFile("grpc").GetString());
        Assert.All(answers, answer => Assert.Equal("{\"status\":\"ok\"}", answer));
        Assert.Equal(0, joined.ExitCode);
    }

    [Fact]
    public async Task Of_several_addresses_none_is_clear_text_beyond_this_machine()
    {
        using var folder = new TempFolder();

        var outcome = await ParleyProgram.RunAsync(folder.PathOf("home"), "hub", "--data", folder.PathOf("data"), "--listen", "http://127.0.0.1:0", "--listen", "http://0.0.0.0:0");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("0.0.0.0", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_the_web_server_in_the_environment_open_no_further_door()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();

        await using var hub = await HubProcess.StartWithAsync(new Dictionary<string, string?>
        {
            ["Kestrel__Endpoints__Stranger__Url"] = $"http://127.0.0.1:{port}",
            ["ASPNETCORE_Kestrel__Endpoints__Stranger__Url"] = $"http://127.0.0.1:{port}",
        });

        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, port));
    }

    [Fact]
    public async Task SIGTERM_stops_a_hub_in_order_and_takes_its_file_away()
    {
        await using var hub = await HubProcess.StartAsync();

        hub.Process.Terminate();

        Assert.Equal(0, await hub.Process.WaitForExitAsync());
        Assert.False(File.Exists(hub.FilePath));
    }

    [Fact]
    public async Task The_admin_key_is_in_a_file_of_mode_0600_and_never_printed()
    {
        await using var hub = await HubProcess.StartAsync();
        var path = Path.Combine(hub.Data, "admin.key");

        var key = (await File.ReadAllTextAsync(path)).Trim();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Contains(path, hub.Process.Error);
        Assert.DoesNotContain(key, hub.Process.Error + hub.Process.Output);
    }

    [Fact]
    public async Task A_second_hub_on_the_same_folder_is_refused()
    {
        await using var hub = await HubProcess.StartAsync();

        var second = await ParleyProgram.RunAsync(hub.HomeOf("other"), "hub", "--data", hub.Data, "--listen", "http://127.0.0.1:0");

        Assert.Equal(6, second.ExitCode);
        Assert.True(File.Exists(hub.FilePath));
    }

    [Fact]
    public async Task Clear_text_beyond_this_machine_is_a_usage_error()
    {
        using var folder = new Testing.TempFolder();

        var outcome = await ParleyProgram.RunAsync(folder.PathOf("home"), "hub", "--listen", "http://0.0.0.0:0");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--tls self", outcome.Error);
    }

    [Fact]
    public async Task Print_config_prints_effective_values_and_starts_nothing()
    {
        using var folder = new Testing.TempFolder();

        var outcome = await ParleyProgram.RunAsync(folder.PathOf("home"), "hub", "--print-config", "--tls", "self", "--pair-rate", "7");

        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal("https://127.0.0.1:7420", json.RootElement.GetProperty("http").GetString());
        Assert.Equal(7, json.RootElement.GetProperty("pairRate").GetInt32());
        Assert.Equal("256MiB", json.RootElement.GetProperty("limits").GetProperty("mailbox-bytes").GetString());
        Assert.False(Directory.Exists(folder.PathOf("home/hub")));
    }

    [Fact]
    public async Task A_limit_outside_its_range_stops_the_start_and_says_which()
    {
        using var folder = new Testing.TempFolder();

        var outcome = await ParleyProgram.RunAsync(folder.PathOf("home"), "hub", "--limit", "mailbox-bytes=12");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("parley: The limit mailbox-bytes is 12B, but must be 1MiB to 1TiB. (the caller)\n", outcome.Error);
        Assert.False(Directory.Exists(folder.PathOf("home/hub")));
    }
}
