using System.Text.Json;
using Parley.Cli.Skill;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Tests.Cli;

namespace Parley.Tests.Skill;

public sealed class SkillInstallTests : IDisposable
{
    private const string Scripts = ".agents/skills/parley/scripts/";

    private readonly CommandLine _line = new();
    private readonly TempFolder _project = new();

    [Fact]
    public async Task The_skill_comes_out_of_the_program_as_it_is_in_the_source()
    {
        var outcome = await InstallAsync();

        Assert.Equal(0, outcome.ExitCode);
        var source = RepositoryFiles.List("skill", "*");
        Assert.Equal(source.Select(path => path["skill/".Length..]).Order(StringComparer.Ordinal), SkillFiles.All);
        Assert.All(source, path => Assert.Equal(RepositoryFiles.Read(path), File.ReadAllText(PathOf(".agents/skills/parley/" + path["skill/".Length..]))));
    }

    [Fact]
    public async Task Scripts_are_programs_and_text_is_not()
    {
        await InstallAsync();

        Assert.True(ModeOf(Scripts + "a2a-loop.sh").HasFlag(UnixFileMode.UserExecute));
        Assert.False(ModeOf(Scripts + "a2a-common.sh").HasFlag(UnixFileMode.UserExecute));
        Assert.False(ModeOf(".agents/skills/parley/SKILL.md").HasFlag(UnixFileMode.UserExecute));
    }

    [Theory]
    [InlineData("claude", ".claude/settings.json", ".claude/skills/parley/SKILL.md")]
    [InlineData("gemini", ".gemini/settings.json", null)]
    [InlineData("codex", ".codex/config.toml", ".codex/rules/parley.rules")]
    [InlineData("copilot", ".vscode/settings.json", ".github/skills/parley/SKILL.md")]
    public async Task A_tool_gets_its_rules_where_it_looks_for_them(string tool, string settings, string? own)
    {
        await InstallAsync("--for", tool);

        var rules = File.ReadAllText(PathOf(settings)) + (tool == "codex" ? File.ReadAllText(PathOf(own!)) : string.Empty);
        Assert.Contains("a2a-loop", rules);
        Assert.True(own is null || File.Exists(PathOf(own)));
    }

    [Fact]
    public async Task Without_a_tool_no_permission_is_added()
    {
        var outcome = await InstallAsync();

        Assert.Equal([".agents"], Directory.EnumerateFileSystemEntries(_project.FullPath).Select(Path.GetFileName));
        Assert.Contains("no permissions were added", outcome.Error);
    }

    [Fact]
    public async Task The_second_time_nothing_changes()
    {
        string[] all = ["--for", "claude", "--for", "codex", "--for", "gemini", "--for", "copilot"];
        await InstallAsync(all);
        var before = Snapshot();

        var outcome = await InstallAsync(all);

        Assert.Equal(before, Snapshot());
        Assert.All(outcome.Output.TrimEnd().Split('\n'), line => Assert.StartsWith("unchanged ", line));
    }

    [Fact]
    public async Task A_dry_run_shows_all_and_does_nothing()
    {
        var outcome = await InstallAsync("--for", "claude", "--dry-run", "--json");

        Assert.Empty(Directory.EnumerateFileSystemEntries(_project.FullPath));
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.True(json.RootElement.GetProperty("dryRun").GetBoolean());
        var settings = json.RootElement.GetProperty("files").EnumerateArray().Single(file => file.GetProperty("path").GetString() == ".claude/settings.json");
        Assert.Equal("created", settings.GetProperty("action").GetString());
        Assert.Equal(8, settings.GetProperty("added").GetArrayLength());
    }

    [Fact]
    public async Task Rules_of_the_user_stay_and_so_does_the_files_mode()
    {
        const string mine = """
            {
              // ours
              "permissions": { "deny": ["Bash(bash .agents/skills/parley/scripts/a2a-send.sh:*)"], "allow": ["Bash(ls)"], },
            }
            """;
        Write(".claude/settings.json", mine);
        File.SetUnixFileMode(PathOf(".claude/settings.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var outcome = await InstallAsync("--for", "claude");

        Assert.Contains("merged     .claude/settings.json\n", outcome.Output);
        var merged = File.ReadAllText(PathOf(".claude/settings.json"));
        Assert.StartsWith(mine[..mine.IndexOf("\"Bash(ls)\"", StringComparison.Ordinal)], merged);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(".claude/settings.json"));
    }

    [Fact]
    public async Task A_read_only_file_is_one_clear_error_and_nothing_is_changed()
    {
        Write(".gemini/settings.json", "{}");
        File.SetUnixFileMode(PathOf(".gemini/settings.json"), UnixFileMode.UserRead);
        var before = Snapshot();

        var outcome = await InstallAsync("--for", "claude", "--for", "gemini");

        Assert.Equal(ErrorMap.Of(ErrorCode.FilePermissions).Exit, outcome.ExitCode);
        Assert.StartsWith("parley: .gemini/settings.json is read-only. Nothing was changed.", outcome.Error);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
        Assert.Equal(before, Snapshot());
    }

    [Theory]
    [InlineData(".claude/settings.json", "{ no", "parley: .claude/settings.json: line 1 is not JSON. Nothing was changed.")]
    [InlineData(".codex/config.toml", "a =", "parley: .codex/config.toml: line 1 is not TOML. Nothing was changed.")]
    [InlineData(".claude/settings.json/x", "", "parley: .claude/settings.json is a folder. Nothing was changed.")]
    public async Task A_file_that_cannot_be_understood_stops_it_before_anything_is_written(string path, string content, string error)
    {
        Write(path, content);
        var before = Snapshot();

        var outcome = await InstallAsync("--for", "codex", "--for", "claude");

        Assert.StartsWith(error, outcome.Error);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task A_link_that_leads_out_of_the_project_is_not_followed()
    {
        using var elsewhere = new TempFolder();
        Directory.CreateSymbolicLink(PathOf(".claude"), elsewhere.FullPath);

        var outcome = await InstallAsync("--for", "claude");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("leads out of", outcome.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere.FullPath));
        Assert.False(Path.Exists(PathOf(".agents")));
    }

    [Theory]
    [InlineData("../elsewhere/none.json")]
    [InlineData("../.claude/settings.json")]
    public async Task Neither_is_a_link_to_a_file_nor_one_in_a_circle(string target)
    {
        Directory.CreateDirectory(PathOf(".claude"));
        File.CreateSymbolicLink(PathOf(".claude/settings.json"), target == "../elsewhere/none.json" ? "../" + target : target);

        var outcome = await InstallAsync("--for", "claude");

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
        Assert.False(Path.Exists(PathOf(".agents")));
    }

    [Fact]
    public async Task A_link_that_stays_inside_is_followed_and_stays_a_link()
    {
        Directory.CreateDirectory(PathOf("shared"));
        Directory.CreateSymbolicLink(PathOf(".claude"), "shared");

        var outcome = await InstallAsync("--for", "claude");

        Assert.Equal(0, outcome.ExitCode);
        Assert.True(File.Exists(PathOf("shared/settings.json")));
        Assert.Equal("shared", new DirectoryInfo(PathOf(".claude")).LinkTarget);
    }

    [Fact]
    public async Task A_file_that_somebody_changed_is_kept_and_one_of_an_older_version_replaced()
    {
        await InstallAsync();
        File.WriteAllText(PathOf(".agents/skills/parley/SKILL.md"), "my own");
        var older = "#!/bin/sh\n"u8.ToArray();
        File.WriteAllBytes(PathOf(Scripts + "a2a-ping.sh"), older);
        var record = InstallRecord.Read(File.ReadAllBytes(PathOf(InstallRecord.Path)));
        record.Note(Scripts + "a2a-ping.sh", older);
        File.WriteAllBytes(PathOf(InstallRecord.Path), record.ToBytes());

        var outcome = await InstallAsync();

        Assert.Contains("kept       .agents/skills/parley/SKILL.md\n", outcome.Output);
        Assert.Equal("my own", File.ReadAllText(PathOf(".agents/skills/parley/SKILL.md")));
        Assert.Contains("updated    .agents/skills/parley/scripts/a2a-ping.sh\n", outcome.Output);
        Assert.True(ModeOf(Scripts + "a2a-ping.sh").HasFlag(UnixFileMode.UserExecute));
    }

    [Theory]
    [InlineData("--for", "emacs")]
    [InlineData("--for")]
    public async Task An_unknown_tool_is_a_usage_error(params string[] arguments) => Assert.Equal(2, (await InstallAsync(arguments)).ExitCode);

    [Fact]
    public async Task A_folder_that_is_not_there_is_not_made()
    {
        var outcome = await _line.RunAsync("skill", "install", _project.PathOf("none"));

        Assert.Equal(4, outcome.ExitCode);
        Assert.False(Path.Exists(_project.PathOf("none")));
    }

    public void Dispose()
    {
        _line.Dispose();
        _project.Dispose();
    }

    private Task<ProcessOutcome> InstallAsync(params string[] options) => _line.RunAsync(["skill", "install", _project.FullPath, .. options]);

    private string PathOf(string path) => _project.PathOf(path);

    private UnixFileMode ModeOf(string path) => File.GetUnixFileMode(PathOf(path));

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), content);
    }

    private string[] Snapshot() =>
        [.. Directory.EnumerateFiles(_project.FullPath, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetUnixFileMode(path)} {File.GetLastWriteTimeUtc(path):O} {File.ReadAllText(path)}")];
}
