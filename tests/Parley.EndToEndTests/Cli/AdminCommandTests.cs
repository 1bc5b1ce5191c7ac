using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

public sealed class AdminCommandTests
{
    [Fact]
    public async Task A_token_made_with_json_has_an_id_that_revokes_it_with_its_agents()
    {
        await using var hub = await HubProcess.StartAsync();
        using var token = JsonDocument.Parse((await hub.AdminAsync("tokens", "create", "--uses", "many", "--json")).Output);
        await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", token.RootElement.GetProperty("join").GetString()!, "--name", "agent-b");

        var revoked = await hub.AdminAsync("tokens", "revoke", token.RootElement.GetProperty("id").GetString()!);

        Assert.Equal((0, "local.agent-b\n"), (revoked.ExitCode, revoked.Output));
        Assert.DoesNotContain("agent-b", (await hub.AdminAsync("agents", "list")).Output);
    }

    [Fact]
    public async Task A_key_is_printed_alone_once_and_opens_the_API()
    {
        await using var hub = await HubProcess.StartAsync();

        var key = (await hub.AdminAsync("keys", "create")).Output;

        Assert.Matches("^pk_[a-z2-7]{32}\n$", key);
        Assert.DoesNotContain(key.Trim(), (await hub.AdminAsync("keys", "list", "--json")).Output);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.Trim());
        using var answer = await client.GetAsync(hub.ReadFile("http").GetString() + "/api/agents");
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_reset_agent_is_taken_over_by_a_new_home()
    {
        await using var hub = await HubProcess.StartAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-b");

        var join = (await hub.AdminAsync("agents", "reset-key", "local.agent-b")).Output.Trim();

        var joined = await ParleyProgram.RunAsync(hub.HomeOf("new"), "join", join, "--name", "agent-b");
        Assert.Equal((0, "agent-b\n"), (joined.ExitCode, joined.Output));
    }

    [Fact]
    public async Task An_unknown_agent_is_exit_code_4()
    {
        await using var hub = await HubProcess.StartAsync();

        var outcome = await hub.AdminAsync("agents", "remove", "local.nobody");

        Assert.Equal(4, outcome.ExitCode);
    }

    [Fact]
    public async Task The_audit_names_the_act()
    {
        await using var hub = await HubProcess.StartAsync();
        await hub.MakeJoinStringAsync();

        var audit = await hub.AdminAsync("audit");

        Assert.Contains("tokens.create", audit.Output);
    }

    [Fact]
    public async Task By_address_the_key_comes_from_a_file_or_there_is_none()
    {
        await using var hub = await HubProcess.StartAsync();
        var address = hub.ReadFile("http").GetString()!;

        var with = await ParleyProgram.RunAsync(hub.HomeOf("x"), "admin", "--hub", address, "--key-file", Path.Combine(hub.Data, "admin.key"), "agents", "list");
        var without = await ParleyProgram.RunAsync(hub.HomeOf("x"), "admin", "--hub", address, "agents", "list");

        Assert.Equal((0, 3), (with.ExitCode, without.ExitCode));
    }

    [Fact]
    public async Task By_address_a_hub_with_a_certificate_of_its_own_is_known_by_its_pin()
    {
        await using var hub = await HubProcess.StartAsync("--tls", "self");
        var (address, pin) = (hub.ReadFile("http").GetString()!, hub.ReadFile("pin").GetString()!);
        string[] list = ["admin", "--hub", address, "--key-file", Path.Combine(hub.Data, "admin.key"), "agents", "list"];

        var byOption = await ParleyProgram.RunAsync(hub.HomeOf("x"), [.. list, "--pin", pin]);
        var byVariable = await ParleyProgram.RunWithAsync(hub.HomeOf("x"), new Dictionary<string, string?> { ["PARLEY_PIN"] = pin }, string.Empty, list);
        var wrong = await ParleyProgram.RunAsync(hub.HomeOf("x"), [.. list, "--pin", new string('A', 43)]);
        var without = await ParleyProgram.RunAsync(hub.HomeOf("x"), list);

        Assert.Equal((0, 0, 7, 5), (byOption.ExitCode, byVariable.ExitCode, wrong.ExitCode, without.ExitCode));
        Assert.Contains("--pin", without.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_hub_the_exit_code_is_5()
    {
        using var folder = new TempFolder();

        var outcome = await ParleyProgram.RunAsync(folder.PathOf("home"), "admin", "agents", "list");

        Assert.Equal(5, outcome.ExitCode);
    }
}
