using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

public sealed class ServiceCommandTests
{
    public static TheoryData<string[]> Units =>
    [
        new TheoryDataRow<string[]>(["hub"]),
        new TheoryDataRow<string[]>(["hub", "--system", "--run-as", "root"]),
        new TheoryDataRow<string[]>(["listen", "--", "--exec", "/bin/sh -c 'echo \"$1 100%; \\\\ é\"'"]),
        new TheoryDataRow<string[]>(["listen", "--system", "--run-as", "root", "--", "--share"]),
    ];

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Systemd_itself_finds_nothing_wrong_with_a_unit(string[] options)
    {
        var systemdAnalyze = Requires.Program("systemd-analyze");
        using var folder = new TempFolder();
        var program = ParleyProgram.FullPath;

        var printed = await ParleyProgram.RunAsync(folder.PathOf("a home"), ["service", "install", options[0], "--program", program, "--print", .. options[1..]]);
        var unit = folder.PathOf("parley-test.service");
        await File.WriteAllTextAsync(unit, printed.Output);
        var verdict = await RealProcess.RunAsync(systemdAnalyze, ["verify", "--man=no", "--recursive-errors=no", unit]);

        Assert.Equal(0, printed.ExitCode);
        Assert.DoesNotContain("parley-test", verdict.Error, StringComparison.Ordinal);
        Assert.Equal(0, verdict.ExitCode);
    }

    [Theory]
    [InlineData("hub", "--tls", "cert.pem,key.pem", "{0}/cert.pem,{0}/key.pem")]
    [InlineData("hub", "--tls", "self", "--tls self")]
    [InlineData("hub", "--data", "data", "--data {0}/data")]
    [InlineData("listen", "--card", "card.json", "--card {0}/card.json")]
    [InlineData("listen", "--card=card.json", null, "--card={0}/card.json")]
    [InlineData("listen", "--save", "in", "--save {0}/in")]
    [InlineData("listen", "--openai-key-file", "key.pem", "--openai-key-file {0}/key.pem")]
    [InlineData("listen", "--http-key-file", "key.pem", "--http-key-file {0}/key.pem")]
    [InlineData("listen", "--mcp-config", "mcp.json", "--mcp-config {0}/mcp.json")]
    public async Task A_path_in_the_unit_is_full_since_a_service_starts_in_another_folder(string what, string option, string? value, string expected)
    {
        using var folder = new TempFolder();
        foreach (var name in (string[])["cert.pem", "key.pem", "card.json", "mcp.json"])
        {
            await File.WriteAllTextAsync(folder.PathOf(name), "{}");
        }

        var printed = await InFolderAsync(folder, what, value is null ? [option] : [option, value]);

        Assert.Equal(0, printed.ExitCode);
        Assert.Contains(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, folder.FullPath), printed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hub", "--tls", "gone.pem,key.pem")]
    [InlineData("listen", "--card", "gone.json")]
    [InlineData("listen", "--openai-key-file", "gone.key")]
    public async Task A_file_that_is_not_there_is_told_now_and_not_in_a_journal(string what, string option, string value)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.PathOf("key.pem"), string.Empty);

        var printed = await InFolderAsync(folder, what, option, value);

        Assert.Equal(2, printed.ExitCode);
        Assert.Contains("gone.", printed.Error, StringComparison.Ordinal);
        Assert.Empty(printed.Output);
    }

    [Fact]
    public async Task A_unit_is_written_for_this_user_and_taken_away_again_but_never_one_of_somebody_else()
    {
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = folder.PathOf("config"), ["PARLEY_HOME"] = folder.PathOf("home") };
        var path = folder.PathOf("config/systemd/user/parley-listen.service");

        var written = await RunAsync(environment, "service", "install", "listen", "--no-start");
        var text = await File.ReadAllTextAsync(path);
        var removed = await RunAsync(environment, "service", "uninstall", "listen");
        var isGone = !File.Exists(path);
        await File.WriteAllTextAsync(path, "[Unit]\n");
        var refused = await RunAsync(environment, "service", "install", "listen", "--no-start");
        var kept = await RunAsync(environment, "service", "uninstall", "listen");

        Assert.Equal(path + "\n", written.Output);
        Assert.Contains("ExecStart=", text, StringComparison.Ordinal);
        Assert.Equal(0, removed.ExitCode);
        Assert.True(isGone);
        Assert.Equal(6, refused.ExitCode);
        Assert.Equal(6, kept.ExitCode);
        Assert.Equal("[Unit]\n", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task Without_systemd_the_error_says_what_to_do_instead()
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "systemd runs this machine");
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = folder.PathOf("config"), ["PARLEY_HOME"] = folder.PathOf("home") };

        var outcome = await RunAsync(environment, "service", "install", "listen");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("--print", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.PathOf("config")));
    }

    // A shell goes into the folder first: that is where a user stands who types a relative path.
    private static Task<ProcessOutcome> InFolderAsync(TempFolder folder, string what, params string[] options) => RealProcess.RunAsync(
        "/bin/sh",
        ["-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder.FullPath, ParleyProgram.FullPath, "service", "install", what, "--print", "--", .. options],
        string.Empty,
        new Dictionary<string, string?> { ["PARLEY_HOME"] = folder.PathOf("home") });

    private static Task<ProcessOutcome> RunAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        RealProcess.RunAsync(ParleyProgram.FullPath, arguments, string.Empty, environment);
}
