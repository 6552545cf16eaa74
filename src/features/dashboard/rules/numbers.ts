import type { PeopleDay, PledgeDay } from '../reads/numbers'
import { conversion, type Day, daysOf, type Range, runningTotals, sum, valuesOf } from './days'

interface Counted {
  project: { pledged: number; backersCount: number; savesCount: number }
  pledges: { counted: number; days: readonly PledgeDay[] }
  savers: { counted: number; days: readonly PeopleDay[] }
  followers: { counted: number; days: readonly PeopleDay[] }
  visits: { days: readonly { day: Day; visits: number }[] }
}

/**
 * What the charts of these days show. Where not all pledges were counted it begins with the first
 * that was; where not all people were, there are none by day.
 */
export function numbersOf(counted: Counted, campaign: readonly Day[], range: Range, max: number) {
  const { project, pledges, savers, followers, visits } = counted
  const isPartial = pledges.counted < project.backersCount
  const since = isPartial ? pledges.days[0]?.day : undefined
  const days = daysOf(campaign, range).filter((day) => since === undefined || day >= since)
  const ofPledges = (pick: (row: PledgeDay) => number) => valuesOf(days, pledges.days, pick)
  const backers = ofPledges((row) => row.backers)
  const newBackers = ofPledges((row) => row.newBackers)
  const visitsByDay = valuesOf(days, visits.days, (row) => row.visits)
  const firstVisit = visits.days[0]?.day
  const watched = backers.filter((_, index) => firstVisit && (days[index] ?? '') >= firstVisit)
  const amounts = pledges.days.map(({ day, amount }) => ({ day, value: amount }))
  return {
    days,
    since,
    pledged: runningTotals(days, amounts, project.pledged),
    amounts: ofPledges((row) => row.amount),
    backers,
    newBackers,
    returningBackers: backers.map((all, index) => all - (newBackers[index] ?? 0)),
    visits: visitsByDay,
    conversion: conversion(sum(watched), sum(visitsByDay)),
    saves: savers.counted >= max ? null : peopleTotals(days, savers),
    followers: followers.counted >= max ? null : peopleTotals(days, followers),
  }
}

export type Numbers = ReturnType<typeof numbersOf>

const peopleTotals = (days: readonly Day[], people: Counted['savers']) =>
  runningTotals(
    days,
    people.days.map(({ day, people: value }) => ({ day, value })),
    people.counted,
  )
