using System.Net.Http.Headers;
using System.Text;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.EndToEndTests.Security;

/// <summary>Secrets stay where they belong: in files of mode 0600, and in what the command that makes one prints.</summary>
public sealed class SecretsTests
{
    private static readonly Dictionary<string, string?> _traced = new() { ["PARLEY_LOG"] = "trace" };

    [Fact]
    public async Task No_secret_is_in_a_command_line_an_environment_or_a_log_at_its_most_talkative()
    {
        await using var hub = await HubProcess.StartWithAsync(_traced);
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        var key = (await hub.AdminAsync("keys", "create")).Output.Trim();

        var said = new StringBuilder();
        Note(said, await ParleyProgram.RunWithAsync(hub.HomeOf("a"), _traced, join, "join", "-", "--name", "agent-a"));
        Note(said, await ParleyProgram.RunWithAsync(hub.HomeOf("b"), _traced, join, "join", "-", "--name", "agent-b"));
        await using var listener = ParleyProgram.StartWith(hub.HomeOf("b"), _traced, "a2a", "listen", "--exec", "cat");
        await listener.WaitForErrorAsync("listening");
        Note(said, await ParleyProgram.RunWithAsync(hub.HomeOf("a"), _traced, string.Empty, "a2a", "send", "agent-b", "hello"));
        Note(said, await ParleyProgram.RunWithAsync(hub.HomeOf("a"), _traced, string.Empty, "doctor"));
        await CallAsync(hub, key);
        await CallAsync(hub, key + "x");
        var processes = ReadProcess(hub.Process.Id) + ReadProcess(listener.Id);
        said.Append(hub.Process.Output).Append(hub.Process.Error).Append(listener.Output).Append(listener.Error);

        Assert.Contains("Information", said.ToString(), StringComparison.OrdinalIgnoreCase);
        foreach (var (name, secret) in SecretsOf(hub, join, key))
        {
            Assert.False(said.ToString().Contains(secret, StringComparison.Ordinal), $"{name} was printed.");
            Assert.False(processes.Contains(secret, StringComparison.Ordinal), $"{name} is seen by ps.");
        }
    }

    [Fact]
    public async Task An_error_names_no_secret_that_it_is_about()
    {
        await using var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync();
        var key = (await hub.AdminAsync("keys", "create")).Output.Trim();
        var http = hub.ReadFile("http").GetString()!;
        var wrongKey = new Dictionary<string, string?> { ["PARLEY_ADMIN_KEY"] = key };
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");

        ProcessOutcome[] failures =
        [
            await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b"),
            await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join[..^3], "join", "-", "--name", "agent-b"),
            await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", join + "x", "--name", "agent-b"),
            await ParleyProgram.RunWithAsync(hub.HomeOf("b"), wrongKey, string.Empty, "admin", "--hub", http, "tokens", "list"),
        ];

        Assert.All(failures, failure => Assert.NotEqual(0, failure.ExitCode));
        foreach (var (name, secret) in new[] { ("join token", JoinString.Parse(join).Token), ("join string", join[..40]), ("API key", key) })
        {
            Assert.All(failures, failure => Assert.False((failure.Output + failure.Error).Contains(secret, StringComparison.Ordinal), $"{name} was printed: {failure.Error}"));
        }
    }

    [Fact]
    public async Task A_program_that_answers_messages_does_not_inherit_the_secrets_of_the_listeners_environment()
    {
        await using var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b");
        var variables = new Dictionary<string, string?> { ["PARLEY_ADMIN_KEY"] = "pk_in_the_environment", ["OPENAI_API_KEY"] = "sk_in_the_environment" };
        await using var listener = ParleyProgram.StartWith(hub.HomeOf("b"), variables, "a2a", "listen", "--exec", "env");
        await listener.WaitForErrorAsync("listening");

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "x");

        Assert.Contains("PARLEY_FROM=", sent.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("in_the_environment", sent.Output, StringComparison.Ordinal);
    }

    private static void Note(StringBuilder said, ProcessOutcome outcome) => said.Append(outcome.Output).Append(outcome.Error);

    private static async Task CallAsync(HubProcess hub, string key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(hub.ReadFile("http").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await client.GetAsync("/api/agents");
    }

    private static string ReadProcess(int id) => Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/cmdline")) + Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/environ"));

    private static IEnumerable<(string Name, string Secret)> SecretsOf(HubProcess hub, string join, string key)
    {
        yield return ("the join string", join);
        yield return ("the join token", JoinString.Parse(join).Token);
        yield return ("an API key", key);
        yield return ("the admin key", File.ReadAllText(Path.Combine(hub.Data, "admin.key")).Trim());
        var files = new[] { hub.HomeOf("a"), hub.HomeOf("b"), hub.Data }.SelectMany(folder => Directory.EnumerateFiles(folder, "*.key")).Where(path => Path.GetFileName(path) != "admin.key").ToList();
        Assert.True(files.Count >= 6, "There are private keys to look for.");
        foreach (var path in files)
        {
            foreach (var line in File.ReadAllLines(path).Where(line => line.Length > 20 && !line.StartsWith('-')))
            {
                yield return (Path.GetFileName(path), line);
            }
        }
    }
}
