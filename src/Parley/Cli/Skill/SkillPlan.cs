using Parley.Protocol.Errors;

namespace Parley.Cli.Skill;

/// <summary>What an install will do, worked out before anything is written: a refusal leaves the project as it was.</summary>
internal sealed class SkillPlan
{
    private readonly List<SkillChange> _changes = [];
    private readonly List<ProjectWrite> _writes = [];
    private readonly ProjectFolder _project;
    private readonly InstallRecord _record;

    private SkillPlan(ProjectFolder project) => (_project, _record) = (project, InstallRecord.Read(project.Read(InstallRecord.Path)));

    /// <summary>Every file that the install looks at.</summary>
    public IReadOnlyList<SkillChange> Changes => _changes;

    /// <summary>Those that are written.</summary>
    public IReadOnlyList<ProjectWrite> Writes => _writes;

    /// <summary>Compares the skill and the tools' templates with the project.</summary>
    /// <exception cref="ParleyException">A file cannot be read, understood or written.</exception>
    public static SkillPlan Make(ProjectFolder project, IReadOnlyList<SkillTool> tools)
    {
        var plan = new SkillPlan(project);
        foreach (var file in SkillFiles.All)
        {
            plan.Install(file, $"{SkillFiles.Folder}/{file}");
        }

        foreach (var tool in tools)
        {
            foreach (var (file, path) in tool.Own)
            {
                plan.Install(file, path);
            }

            plan.Merge(tool);
        }

        plan.KeepRecord();
        return plan;
    }

    private void Install(string file, string path)
    {
        var content = SkillFiles.Read(file);
        var present = _project.Read(path);
        var action = present switch
        {
            null => "created",
            _ when present.AsSpan().SequenceEqual(content) => "unchanged",
            _ when _record.Holds(path, present) => "updated",
            _ => "kept",
        };
        if (action is "created" or "updated")
        {
            _writes.Add(_project.Plan(path, content, SkillFiles.IsProgram(file)));
        }

        if (action != "kept")
        {
            _record.Note(path, content);
        }

        _changes.Add(new SkillChange(path, action, Kept: action == "kept" ? ["somebody changed it; remove it to get the one of this version"] : null));
    }

    private void Merge(SkillTool tool)
    {
        var present = _project.Read(tool.Settings);
        RulesMerge merge;
        try
        {
            var template = SkillFiles.Read(tool.Template);
            merge = tool.Settings.EndsWith(".toml", StringComparison.Ordinal) ? TomlMerge.Merge(present ?? [], template) : JsonMerge.Merge(present ?? [], template);
        }
        catch (FormatException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{tool.Settings}: {exception.Message} Nothing was changed.", exception);
        }

        if (merge.Added.Count > 0)
        {
            _writes.Add(_project.Plan(tool.Settings, merge.Content, isProgram: false));
        }

        var action = (present, merge.Added.Count) switch
        {
            (_, 0) => "unchanged",
            (null, _) => "created",
            _ => "merged",
        };
        _changes.Add(new SkillChange(tool.Settings, action, merge.Added.Count > 0 ? merge.Added : null, merge.Kept.Count > 0 ? merge.Kept : null));
    }

    private void KeepRecord()
    {
        var content = _record.ToBytes();
        if (_project.Read(InstallRecord.Path) is not { } present || !present.AsSpan().SequenceEqual(content))
        {
            _writes.Add(_project.Plan(InstallRecord.Path, content, isProgram: false));
        }
    }
}
