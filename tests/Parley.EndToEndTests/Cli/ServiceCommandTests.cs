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

    private static Task<ProcessOutcome> RunAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        RealProcess.RunAsync(ParleyProgram.FullPath, arguments, string.Empty, environment);
}
