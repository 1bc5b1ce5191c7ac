using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Schedules;

/// <summary>When something happens again and again: minute, hour, day of the month, month, day of the week, in a time zone. Pure.</summary>
/// <remarks>
/// Where both days are restricted either of them is enough, as every cron has it.
/// <para>
/// When clocks change, a schedule whose minute or hour begins with a star is an interval: it runs as time goes by, so not in the hour that is left out, and in both of the hour that comes twice.
/// Any other names times of the day: one that is left out is made up for when the gap ends, and one that comes twice runs the first time.
/// </para>
/// </remarks>
internal sealed class CronExpression
{
    private const int MaxLength = 256;

    // The longest time between two 29th of February, and a little more.
    private const int MaxDays = (8 * 366) + 1;

    // No clock goes back by more.
    private const int MaxOverlapHours = 3;
    private const int PlainDays = 2;

    private readonly CronField _minute;
    private readonly CronField _hour;
    private readonly CronField _day;
    private readonly CronField _month;
    private readonly CronField _weekday;

    private CronExpression(string text, string[] fields) =>
        (Text, _minute, _hour, _day, _month, _weekday) = (text, CronField.Minute(fields[0]), CronField.Hour(fields[1]), CronField.Day(fields[2]), CronField.Month(fields[3]), CronField.Weekday(fields[4]));

    /// <summary>As it was written.</summary>
    public string Text { get; }

    private bool IsInterval => _minute.IsStar || _hour.IsStar;

    /// <summary>Reads an expression of five fields, or <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it cannot be read, or means no day that exists.</exception>
    public static CronExpression Parse(string? text)
    {
        var meant = text?.Trim() switch
        {
            "@hourly" => "0 * * * *",
            "@daily" or "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" or "@annually" => "0 0 1 1 *",
            { Length: <= MaxLength } other => other,
            _ => string.Empty,
        };
        var fields = meant.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A cron expression has five fields: minute, hour, day of the month, month, day of the week.") { Field = "cron_expression" };
        }

        var made = new CronExpression(text!.Trim(), fields);
        return made.Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is not null
            ? made
            : throw new ParleyException(ErrorCode.InvalidArgument, "No day that exists is meant by this cron expression.") { Field = "cron_expression" };
    }

    /// <summary>Finds a time zone by its IANA name.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static TimeZoneInfo Zone(string? name)
    {
        try
        {
            return string.IsNullOrEmpty(name) || name == "UTC" ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(name);
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or UnauthorizedAccessException or IOException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The hub's machine knows no such time zone; names are IANA's, such as Europe/Berlin.", exception) { Field = "time_zone" };
        }
    }

    /// <summary>The first time after another; null when there is none within eight years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var isPlain = IsPlain(after, zone);
        var hour = isPlain ? local.Hour : Math.Max(0, local.Hour - MaxOverlapHours);
        for (var days = 0; days < MaxDays && local.Year < DateTime.MaxValue.Year; days++)
        {
            var date = local.Date.AddDays(days);
            if (IsDay(date) && NextOn(date, hour, after, zone, isPlain && days < PlainDays) is { } found)
            {
                return found;
            }

            hour = 0;
        }

        return null;
    }

    private bool IsDay(DateTime date)
    {
        var (isDay, isWeekday) = (_day.Has(date.Day), _weekday.Has((int)date.DayOfWeek));
        return _month.Has(date.Month) && (_day.IsStar || _weekday.IsStar ? isDay && isWeekday : isDay || isWeekday);
    }

    // Around here clocks do not change, so the first time that is found is the next.
    private static bool IsPlain(DateTimeOffset after, TimeZoneInfo zone) =>
        zone.GetUtcOffset(after.AddHours(-MaxOverlapHours)) is var offset && offset == zone.GetUtcOffset(after) && offset == zone.GetUtcOffset(after.AddDays(PlainDays + 1));

    private DateTimeOffset? NextOn(DateTime date, int firstHour, DateTimeOffset after, TimeZoneInfo zone, bool isPlain)
    {
        DateTimeOffset? best = null;
        for (var hour = firstHour; hour < 24; hour++)
        {
            for (var minute = 0; minute < 60 && _hour.Has(hour) && !(isPlain && best is not null); minute++)
            {
                if (_minute.Has(minute))
                {
                    Consider(date.AddMinutes((hour * 60) + minute), after, zone, ref best);
                }
            }

            // What comes later by the clock is no earlier than that but for the hour that comes twice.
            if (best is { } found && (isPlain || hour >= TimeZoneInfo.ConvertTime(found, zone).Hour + MaxOverlapHours))
            {
                break;
            }
        }

        return best;
    }

    private void Consider(DateTime local, DateTimeOffset after, TimeZoneInfo zone, ref DateTimeOffset? best)
    {
        foreach (var at in Instants(local, zone))
        {
            if (at > after && (best is null || at < best))
            {
                best = at;
            }
        }
    }

    // The moments at which a clock on the wall shows this.
    private IEnumerable<DateTimeOffset> Instants(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
        {
            if (!IsInterval)
            {
                yield return GapEnd(local, zone);
            }
        }
        else if (zone.IsAmbiguousTime(local))
        {
            var offsets = zone.GetAmbiguousTimeOffsets(local);
            yield return new DateTimeOffset(local, offsets.Max()).ToUniversalTime();
            if (IsInterval)
            {
                yield return new DateTimeOffset(local, offsets.Min()).ToUniversalTime();
            }
        }
        else
        {
            yield return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        }
    }

    private static DateTimeOffset GapEnd(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
