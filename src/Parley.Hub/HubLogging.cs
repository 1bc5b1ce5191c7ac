using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Parley.Hub;

/// <summary>Keeps the web framework's own lines out of the log: they print request paths, and codes and secrets travel in some.</summary>
internal static class HubLogging
{
    private const string Host = "Microsoft.Extensions.Hosting";

    private static readonly string[] _categories = ["Microsoft.AspNetCore", "Microsoft.Hosting", Host];

    /// <summary>Filters in code, around every rule that configuration or the caller made, so that none brings the lines back.</summary>
    public static void HidePaths(ILoggingBuilder logging) => logging.Services.PostConfigure<LoggerFilterOptions>(options =>
    {
        for (var index = 0; index < options.Rules.Count; index++)
        {
            options.Rules[index] = Around(options.Rules[index]);
        }

        // The most general rule comes into play where no other one fits.
        options.Rules.Insert(0, Around(new LoggerFilterRule(null, null, options.MinLevel, null)));
    });

    private static LoggerFilterRule Around(LoggerFilterRule rule) => new(
        rule.ProviderName,
        rule.CategoryName,
        rule.LogLevel,
        (provider, category, level) => !IsHidden(category, level) && (rule.Filter?.Invoke(provider, category, level) ?? true));

    // A start that fails is thrown; the host's own line beside it would say it twice.
    private static bool IsHidden(string? category, LogLevel level) =>
        (level < LogLevel.Warning || category?.StartsWith(Host, StringComparison.Ordinal) == true) && category is not null && Array.Exists(_categories, hidden => category.StartsWith(hidden, StringComparison.Ordinal));
}
